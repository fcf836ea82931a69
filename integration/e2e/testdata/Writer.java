import alluxio.AlluxioURI;
import alluxio.client.file.FileSystem;
import alluxio.grpc.CreateFilePOptions;
import alluxio.grpc.WritePType;

/** Writes files without end: prints the path of each that Alluxio has acknowledged, and - for each that it has not. */
public final class Writer {
  public static void main(String[] args) throws Exception {
    FileSystem fs = FileSystem.Factory.create();
    CreateFilePOptions options = CreateFilePOptions.newBuilder().setWriteType(WritePType.MUST_CACHE).build();
    for (int i = 0;; i++) {
      String path = "/w" + i;
      try {
        fs.createFile(new AlluxioURI(path), options).close();
        System.out.println(path);
      } catch (Throwable t) {
        System.out.println("-");
        Thread.sleep(20);
      }
    }
  }
}
