import alluxio.AlluxioURI;
import alluxio.client.file.FileInStream;
import alluxio.client.file.FileOutStream;
import alluxio.client.file.FileSystem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A client of Alluxio with the policies of its properties. A file holds its own path, several times.
 * Prints "ok" and the path of each file that was acknowledged or read, as a string without spaces, or
 * "failed", the path and why.
 */
public final class Client {
  private static final FileSystem FS = FileSystem.Factory.create();

  /** Arguments: what to do, and with what. */
  public static void main(String[] args) throws Exception {
    String[] rest = Arrays.copyOfRange(args, 1, args.length);
    switch (args[0]) {
      case "write": // paths
        for (String path : rest) {
          write(path);
        }
        break;
      case "many": // folder, count
        many(rest[0], Integer.parseInt(rest[1]));
        break;
      case "stream": // prefix, and a file that ends it: ten files a second
        for (int i = 0; !Files.exists(Paths.get(rest[1])); i++) {
          write(rest[0] + i);
          Thread.sleep(100);
        }
        break;
      case "open": // path, and a file that ends it
        try (FileOutStream out = FS.createFile(new AlluxioURI(rest[0]))) {
          out.write(new byte[10 << 10]);
          out.flush();
          System.out.println("open");
          while (!Files.exists(Paths.get(rest[1]))) {
            Thread.sleep(50);
          }
        }
        break;
      case "read": // a file with paths
        for (String path : Files.readAllLines(Path.of(rest[0]))) {
          read(path);
        }
        break;
      default:
        throw new IllegalArgumentException(args[0]);
    }
    System.out.println("end");
    System.exit(0);
  }

  private static byte[] content(String path) {
    return path.repeat(50).getBytes(StandardCharsets.UTF_8);
  }

  private static boolean write(String path) {
    try {
      try (FileOutStream out = FS.createFile(new AlluxioURI(path))) {
        out.write(content(path));
      }
      System.out.println("ok " + path.replaceAll("\\s", "_"));
      return true;
    } catch (Exception e) {
      System.out.println("failed " + path + " " + e.toString().replaceAll("\\s+", " "));
      return false;
    }
  }

  private static void read(String path) {
    byte[] want = content(path);
    byte[] got = new byte[want.length + 1];
    int size = 0;
    try (FileInStream in = FS.openFile(new AlluxioURI(path))) {
      for (int n = 0; n >= 0 && size < got.length; size += Math.max(n, 0)) {
        n = in.read(got, size, got.length - size);
      }
      boolean same = size == want.length && Arrays.equals(want, Arrays.copyOf(got, size));
      System.out.println((same ? "ok " : "failed ") + path + (same ? "" : " has other content"));
    } catch (Exception e) {
      System.out.println("failed " + path + " " + e);
    }
  }

  private static void many(String folder, int count) throws Exception {
    AtomicInteger next = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(16);
    for (int t = 0; t < 16; t++) {
      pool.execute(() -> {
        for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
          try (FileOutStream out = FS.createFile(new AlluxioURI(folder + "/" + i % 100 + "/" + i),
              alluxio.grpc.CreateFilePOptions.newBuilder().setRecursive(true).build())) {
            out.write(1);
          } catch (Exception e) {
            System.out.println("failed " + i + " " + e);
          }
        }
      });
    }
    pool.shutdown();
    pool.awaitTermination(1, TimeUnit.HOURS);
  }
}
