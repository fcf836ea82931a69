import alluxio.AlluxioURI;
import alluxio.client.file.FileOutStream;
import alluxio.client.file.FileSystem;
import alluxio.grpc.CreateFilePOptions;
import alluxio.grpc.WritePType;

/** The API of Alluxio 2.x. */
final class Release {
  static FileSystem connect() {
    return FileSystem.Factory.create();
  }

  static FileOutStream create(FileSystem fs, AlluxioURI file, String writeType, int durable, long persistAfter)
      throws Exception {
    CreateFilePOptions.Builder options = CreateFilePOptions.newBuilder()
        .setWriteType(WritePType.valueOf(writeType)).setReplicationDurable(durable);
    if (persistAfter > 0) {
      options.setPersistenceWaitTime(persistAfter);
    }
    return fs.createFile(file, options.build());
  }
}
