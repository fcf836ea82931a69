import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Properties;

/**
 * Reads documents from standard input (an int count, then for each an int length and that many bytes) and prints for each what
 * java.util.Properties makes of it: "error", or one word for each entry, key=value, both as hexadecimal UTF-16 units. The other half of
 * the differential test in java_test.go.
 */
public class ReadProperties {
  public static void main(String[] args) throws IOException {
    DataInputStream in = new DataInputStream(System.in);
    PrintStream out = new PrintStream(System.out, false, "US-ASCII");
    for (int left = in.readInt(); left > 0; left--) {
      byte[] document = new byte[in.readInt()];
      in.readFully(document);
      out.println(read(document));
    }
    out.flush();
  }

  private static String read(byte[] document) throws IOException {
    Properties properties = new Properties();
    try {
      properties.load(new ByteArrayInputStream(document));
    } catch (IllegalArgumentException e) {
      return "error";
    }
    StringBuilder line = new StringBuilder();
    for (String key : properties.stringPropertyNames()) {
      line.append(hex(key)).append('=').append(hex(properties.getProperty(key))).append(' ');
    }
    return line.toString().trim();
  }

  private static String hex(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      out.append(String.format("%04x", (int) text.charAt(i)));
    }
    return out.toString();
  }
}
