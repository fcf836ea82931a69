import alluxio.AlluxioURI;
import alluxio.client.file.FileInStream;
import alluxio.client.file.FileOutStream;
import alluxio.client.file.FileSystem;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A user of Alluxio with the policies and retries of its release. It prints one line of JSON for
 * each operation that has ended: its lane, the file, the kind, when it began (milliseconds since
 * 1970), how many milliseconds it took, and why it failed.
 *
 * <p>Arguments: "write", a file whose existence ends the writing, the delays of the reads in
 * milliseconds, separated by commas, and lanes: name, write type, replication.durable, milliseconds
 * until Alluxio may persist a file, milliseconds from one file to the next and the number of files,
 * which are read again and again afterwards (0: no limit), separated by commas. Or "read" and a file that lists files, one on each line.
 */
public final class Client {
  /** Bytes of each file, at least. */
  private static final int SIZE = 16 * 1024;
  /** How often "read" tries to read a file, and the milliseconds between. */
  private static final int TRIES = 3, TRY_AFTER = 10_000;
  /** How many files "read" reads at the same time. */
  private static final int READERS = 64;

  private final FileSystem fs = Release.connect();
  private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
  /** Runs operations. It has no limit: an operation that hangs must not delay the next. */
  private final ExecutorService pool = Executors.newCachedThreadPool();
  /** Counts the operations that have not ended; one more while files are written. */
  private final Phaser pending = new Phaser(1);
  private volatile boolean writing = true;
  private long[] delays;

  public static void main(String[] args) throws Exception {
    Client client = new Client();
    if (args[0].equals("write")) {
      client.write(Paths.get(args[1]), args[2], Arrays.asList(args).subList(3, args.length));
    } else {
      client.read(Files.readAllLines(Paths.get(args[1])));
    }
    System.out.flush();
    System.exit(0); // threads of Alluxio's client are no daemons
  }

  private void write(Path stop, String reads, List<String> lanes) throws Exception {
    delays = Arrays.stream(reads.split(",")).mapToLong(Long::parseLong).toArray();
    for (String lane : lanes) {
      new Lane(lane.split(",")).start();
    }
    while (!Files.exists(stop)) {
      Thread.sleep(100);
    }
    writing = false;
    pending.arriveAndAwaitAdvance();
  }

  private void read(List<String> files) throws Exception {
    for (int tries = 1; !files.isEmpty(); tries++) {
      boolean last = tries == TRIES;
      List<String> failed = Collections.synchronizedList(new ArrayList<>());
      ExecutorService readers = Executors.newFixedThreadPool(READERS);
      for (String file : files) {
        readers.execute(() -> {
          long at = System.currentTimeMillis();
          String error = outcome(() -> check(file));
          if (error.isEmpty() || last) {
            print("", file, "again", at, error);
          } else {
            failed.add(file);
          }
        });
      }
      readers.shutdown();
      readers.awaitTermination(1, TimeUnit.HOURS);
      files = failed;
      if (!files.isEmpty()) {
        Thread.sleep(TRY_AFTER);
      }
    }
  }

  /** Files that are written in the same way. */
  private final class Lane {
    private final String name, writeType;
    private final int durable;
    private final long persistAfter, period;
    private final int files;
    private int begun;
    /** The files of a lane with a limit that nobody reads again at the moment. */
    private final Queue<String> idle = new ConcurrentLinkedQueue<>();

    Lane(String[] spec) {
      name = spec[0];
      writeType = spec[1];
      durable = Integer.parseInt(spec[2]);
      persistAfter = Long.parseLong(spec[3]);
      period = Long.parseLong(spec[4]);
      files = Integer.parseInt(spec[5]);
    }

    void start() {
      clock.scheduleAtFixedRate(() -> {
        if (!writing) {
          return;
        }
        if (files == 0 || begun < files) {
          String file = "/" + name + "-" + begun++;
          pending.register();
          pool.execute(() -> write(file));
          return;
        }
        String file = idle.poll();
        if (file != null) {
          pending.register();
          pool.execute(() -> {
            read(file, "read again");
            idle.add(file);
          });
        }
      }, 0, period, TimeUnit.MILLISECONDS);
    }

    private void write(String file) {
      long at = System.currentTimeMillis();
      String error = outcome(() -> {
        try (FileOutStream out = Release.create(fs, new AlluxioURI(file), writeType, durable, persistAfter)) {
          out.write(content(file));
        }
      });
      print(name, file, "write", at, error);
      if (error.isEmpty()) {
        if (files > 0) {
          idle.add(file);
        }
        for (long delay : delays) {
          pending.register();
          clock.schedule(() -> pool.execute(() -> read(file, "read " + delay)), delay, TimeUnit.MILLISECONDS);
        }
      }
      pending.arriveAndDeregister();
    }

    private void read(String file, String kind) {
      long at = System.currentTimeMillis();
      print(name, file, kind, at, outcome(() -> check(file)));
      pending.arriveAndDeregister();
    }
  }

  /** An operation on Alluxio. */
  private interface Operation {
    void run() throws Exception;
  }

  /** Runs an operation and returns why it failed, or "". */
  private static String outcome(Operation operation) {
    try {
      operation.run();
      return "";
    } catch (Throwable e) {
      StringBuilder why = new StringBuilder(e.toString());
      for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
        why.append("; ").append(cause);
      }
      return why.substring(0, Math.min(why.length(), 500));
    }
  }

  /** Reads a file and checks its content. */
  private void check(String file) throws Exception {
    ByteArrayOutputStream got = new ByteArrayOutputStream(SIZE);
    try (FileInStream in = fs.openFile(new AlluxioURI(file))) {
      byte[] buffer = new byte[SIZE];
      for (int n; (n = in.read(buffer)) > 0;) {
        got.write(buffer, 0, n);
      }
    }
    if (!Arrays.equals(got.toByteArray(), content(file))) {
      throw new IllegalStateException("another content than was written, " + got.size() + " bytes");
    }
  }

  /** What a file says: its own path, again and again. */
  private static byte[] content(String file) {
    StringBuilder text = new StringBuilder(SIZE + file.length());
    while (text.length() < SIZE) {
      text.append(file).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void print(String lane, String file, String kind, long begun, String error) {
    String line = String.format("{\"lane\":%s,\"file\":%s,\"kind\":%s,\"begun\":%d,\"took\":%d,\"error\":%s}%n",
        quote(lane), quote(file), quote(kind), begun, System.currentTimeMillis() - begun, quote(error));
    synchronized (System.out) {
      System.out.print(line);
      System.out.flush();
    }
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(' ');
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
