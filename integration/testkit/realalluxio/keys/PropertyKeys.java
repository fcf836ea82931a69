import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Prints what the class PropertyKey on the class path knows, a line each, fields separated by tabs:
 * "key NAME FIELD SCOPE" with the names in its default's ${...}, "alias NAME SCOPE", "template
 * FORMAT". FIELD is the constant of the class, SCOPE is "-" before 1.8.
 */
public class PropertyKeys {
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]+)}");

  public static void main(String[] args) throws Exception {
    Class<?> type = propertyKey();
    for (Field field : type.getFields()) {
      if (field.getType() == type) {
        print(type, field.get(null), field.getName());
      }
    }
    for (Object key : keys(type)) {
      print(type, key, "-");
    }
    for (Class<?> inner : type.getDeclaredClasses()) {
      if (inner.getSimpleName().equals("Template")) {
        Field format = inner.getDeclaredField("mFormat");
        format.setAccessible(true);
        for (Object template : inner.getEnumConstants()) {
          System.out.println("template\t" + format.get(template));
        }
      }
    }
  }

  private static Class<?> propertyKey() throws ClassNotFoundException {
    try {
      return Class.forName("alluxio.conf.PropertyKey"); // from 2.0
    } catch (ClassNotFoundException e) {
      return Class.forName("alluxio.PropertyKey");
    }
  }

  /** The keys without a constant, too, such as those made of templates. */
  private static Collection<?> keys(Class<?> type) throws Exception {
    return type.isEnum() ? Arrays.asList(type.getEnumConstants()) // 1.4
        : (Collection<?>) type.getMethod("defaultKeys").invoke(null);
  }

  private static void print(Class<?> type, Object key, String field) throws Exception {
    Object scope = get(type, key, "getScope");
    List<String> line = new ArrayList<>(Arrays.asList("key", key.toString(), field, scope == null ? "-" : scope.toString()));
    Object value = get(type, key, "getDefaultValue");
    Matcher references = REFERENCE.matcher(value == null ? "" : value.toString());
    while (references.find()) {
      line.add(references.group(1));
    }
    System.out.println(String.join("\t", line));
    Object aliases = get(type, key, "getAliases");
    if (aliases != null) {
      for (String alias : (String[]) aliases) {
        System.out.println("alias\t" + alias + "\t" + line.get(3));
      }
    }
  }

  /** What a method answers that not every version has, or null. */
  private static Object get(Class<?> type, Object key, String method) throws Exception {
    try {
      Method m = type.getMethod(method);
      return m.invoke(key);
    } catch (NoSuchMethodException e) {
      return null;
    }
  }
}
