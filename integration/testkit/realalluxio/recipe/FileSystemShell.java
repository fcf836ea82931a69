import alluxio.AlluxioURI;
import alluxio.client.file.FileInStream;
import alluxio.client.file.FileOutStream;
import alluxio.client.file.FileSystem;
import alluxio.client.file.URIStatus;
import alluxio.client.file.options.CreateDirectoryOptions;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Paths;

/** Stands in for the shell of Alluxio 1.4, which is not published: ls, mkdir, copyFromLocal and cat over its Java API. */
public final class FileSystemShell {
  public static void main(String[] args) throws Exception {
    FileSystem fs = FileSystem.Factory.get();
    switch (args[0]) {
      case "ls":
        for (URIStatus s : fs.listStatus(new AlluxioURI(args[1]))) {
          System.out.println(s.getLength() + " " + s.getPersistenceState() + " " + s.getPath());
        }
        break;
      case "mkdir":
        fs.createDirectory(new AlluxioURI(args[1]), CreateDirectoryOptions.defaults().setRecursive(true));
        break;
      case "copyFromLocal":
        try (FileOutStream out = fs.createFile(new AlluxioURI(args[2]))) {
          Files.copy(Paths.get(args[1]), out);
        }
        break;
      case "cat":
        try (FileInStream in = fs.openFile(new AlluxioURI(args[1]))) {
          copy(in, System.out);
        }
        System.out.flush();
        break;
      default:
        System.err.println("usage: ls PATH | mkdir PATH | copyFromLocal FILE PATH | cat PATH");
        System.exit(2);
    }
    System.exit(0); // the client's threads are not daemons
  }

  private static void copy(InputStream in, OutputStream out) throws Exception {
    byte[] buffer = new byte[1 << 16];
    for (int n; (n = in.read(buffer)) > 0;) {
      out.write(buffer, 0, n);
    }
  }
}
