import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Value;
import org.apache.mesos.v1.Protos.Value.Range;
import org.apache.mesos.v1.scheduler.Protos.Event;

/**
 * The Java side of the matching benchmarks; it prints lines as Go's do. "match" is the loop of BenchmarkMatch10000 (scheduler/cluster) over the
 * same offers as Mesos's Java library gives them to a framework. "plain-match" is the same over sums and arrays, which is how our client keeps
 * offers and the most that Java can do. "parse-and-match" begins with the bytes of BenchmarkDecodeAndMatch (scheduler/mesosmaster), which the
 * argument names.
 */
public final class Match {
  private static final int OFFERS = 10_000, WARM_UP_MS = 3000, ROUND_MS = 1000;
  private static final double EPSILON = 0.0005;

  /** What a task needs; the ports in the order in which they are asked for. */
  private record Need(double cpus, double mem, int... ports) {}

  private record Plain(double cpus, double mem, int[] begins, int[] ends) {}

  private interface Loop {
    int run() throws Exception;
  }

  public static void main(String[] args) throws Exception {
    Need master = new Need(1, 1024, 19998, 19999), worker = new Need(9, 2048, 29999, 30000, 29998);
    byte[] frame = Files.readAllBytes(Path.of(args[0]));
    List<Offer> offers = offers();
    List<Plain> plain = new ArrayList<>();
    for (Offer o : offers) plain.add(plainOf(o));
    measure("match", () -> match(offers, master));
    measure("plain-match", () -> matchPlain(plain, master));
    measure("parse-and-match", () -> match(Event.parseFrom(frame).getOffers().getOffersList(), worker));
  }

  private static void measure(String name, Loop loop) throws Exception {
    rate(loop, WARM_UP_MS);
    double rate = rate(loop, ROUND_MS);
    System.out.printf("BenchmarkJava/%s\t1\t%.0f offers/s\t%d fit%n", name, rate, loop.run());
  }

  private static double rate(Loop loop, int ms) throws Exception {
    long begun = System.nanoTime(), until = begun + ms * 1_000_000L, rounds = 0, fit = 0;
    for (; System.nanoTime() < until; rounds++) fit += loop.run();
    if (fit < 0) throw new AssertionError(); // so that the loops are not optimised away
    return rounds * OFFERS * 1e9 / (System.nanoTime() - begun);
  }

  private static int match(List<Offer> offers, Need need) {
    int fit = 0;
    for (Offer o : offers) {
      if (fits(o, need)) fit++;
    }
    return fit;
  }

  /** Sums the resources of one name, of which Mesos may send several. */
  private static boolean fits(Offer o, Need need) {
    double cpus = 0, mem = 0;
    int ports = 0;
    for (Resource r : o.getResourcesList()) {
      switch (r.getName()) {
        case "cpus" -> cpus += r.getScalar().getValue();
        case "mem" -> mem += r.getScalar().getValue();
        case "ports" -> {
          for (int port : need.ports) {
            if (hasPort(r.getRanges().getRangeList(), port)) ports++;
          }
        }
        default -> { }
      }
    }
    return cpus + EPSILON >= need.cpus && mem + EPSILON >= need.mem && ports == need.ports.length;
  }

  private static boolean hasPort(List<Range> ranges, int port) {
    for (Range r : ranges) {
      if (port <= r.getEnd()) return port >= r.getBegin();
    }
    return false;
  }

  private static int matchPlain(List<Plain> offers, Need need) {
    int fit = 0;
    for (Plain o : offers) {
      int lacks = 0;
      if (o.cpus + EPSILON < need.cpus) lacks |= 1;
      if (o.mem + EPSILON < need.mem) lacks |= 2;
      for (int i = 0; i < need.ports.length && (lacks & 4) == 0; i++) {
        if (!hasPort(o, need.ports[i])) lacks |= 4;
      }
      if (lacks == 0) fit++;
    }
    return fit;
  }

  private static boolean hasPort(Plain o, int port) {
    for (int i = 0; i < o.ends.length; i++) {
      if (port <= o.ends[i]) return port >= o.begins[i];
    }
    return false;
  }

  private static List<Offer> offers() {
    List<Offer> list = new ArrayList<>();
    for (int i = 0; i < OFFERS; i++) {
      long[][] ports = {{31000, 32000}};
      if (i % 8 == 7) ports = new long[][] {{1025, 2180}, {2182, 3887}, {8082, 8180}, {19998, 19999}, {29998, 30000}};
      Value.Ranges.Builder ranges = Value.Ranges.newBuilder();
      for (long[] p : ports) ranges.addRange(Range.newBuilder().setBegin(p[0]).setEnd(p[1]));
      list.add(Offer.newBuilder().addResources(scalar("cpus", 0.5 + i % 8 / 2.0)).addResources(scalar("mem", 512 + i % 16 * 256))
          .addResources(Resource.newBuilder().setName("ports").setType(Value.Type.RANGES).setRanges(ranges)).buildPartial());
    }
    return list;
  }

  private static Resource scalar(String name, double value) {
    return Resource.newBuilder().setName(name).setType(Value.Type.SCALAR).setScalar(Value.Scalar.newBuilder().setValue(value)).build();
  }

  private static Plain plainOf(Offer o) {
    List<Range> ports = o.getResources(2).getRanges().getRangeList();
    return new Plain(o.getResources(0).getScalar().getValue(), o.getResources(1).getScalar().getValue(),
        ports.stream().mapToInt(r -> (int) r.getBegin()).toArray(), ports.stream().mapToInt(r -> (int) r.getEnd()).toArray());
  }
}
