import alluxio.AlluxioURI;
import alluxio.client.file.FileSystem;
import alluxio.client.file.URIStatus;
import alluxio.grpc.CreateFilePOptions;
import alluxio.grpc.WritePType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;

/**
 * Creates files without end on whichever master is at an address, and lists them when asked. Prints
 * the path of each file that Alluxio has acknowledged; as a listing "[", the paths of all files in
 * the root, and "]".
 */
public final class Writer {
  /** Arguments: host and port of the master, and a file that asks for a listing and is removed after it. */
  public static void main(String[] args) throws Exception {
    InetSocketAddress master = new InetSocketAddress(args[0], Integer.parseInt(args[1]));
    Path request = Paths.get(args[2]);
    CreateFilePOptions options = CreateFilePOptions.newBuilder().setWriteType(WritePType.MUST_CACHE).build();
    FileSystem fs = FileSystem.Factory.create();
    boolean up = false;
    for (int i = 0;; i++) {
      if (!up && !listens(master)) {
        Thread.sleep(10);
        continue;
      }
      String path = "/w" + i;
      try {
        fs.createFile(new AlluxioURI(path), options).close();
        up = true;
        System.out.println(path);
        if (Files.exists(request)) {
          StringBuilder list = new StringBuilder("[\n");
          for (URIStatus file : fs.listStatus(new AlluxioURI("/"))) {
            list.append(file.getPath()).append('\n');
          }
          System.out.print(list.append("]\n"));
          Files.delete(request);
        }
        Thread.sleep(2);
      } catch (Exception e) {
        up = false;
        fs.close();
        fs = FileSystem.Factory.create();
        Thread.sleep(10);
      }
    }
  }

  private static boolean listens(InetSocketAddress master) {
    try (Socket s = new Socket()) {
      s.connect(master, 200);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
