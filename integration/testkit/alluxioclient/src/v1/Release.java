import alluxio.AlluxioURI;
import alluxio.client.WriteType;
import alluxio.client.file.FileOutStream;
import alluxio.client.file.FileSystem;
import alluxio.client.file.options.CreateFileOptions;

/** The API of Alluxio 1.x, which has neither replicas on writing nor a delay of persisting. */
final class Release {
  static FileSystem connect() {
    return FileSystem.Factory.get();
  }

  static FileOutStream create(FileSystem fs, AlluxioURI file, String writeType, int durable, long persistAfter)
      throws Exception {
    return fs.createFile(file, CreateFileOptions.defaults().setWriteType(WriteType.valueOf(writeType)));
  }
}
