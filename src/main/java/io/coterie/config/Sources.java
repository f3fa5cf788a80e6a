package io.coterie.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The places that settings come from: a file, the environment, the arguments. It knows how each of
 * them spells a key, but not which keys there are. Not thread-safe.
 */
final class Sources {

  /** A value that is not empty, and the words that name its place and key. */
  record Given(String where, String value) {}

  private static final String DEFAULT_FILE = "config.properties";
  private static final Set<String> FLAGS = Set.of("--help", "-h", "--version");
  private static final String PREFIX = "COTERIE_";
  private static final Pattern FAMILY = Pattern.compile("provider\\.([A-Za-z0-9]+)\\.(.+)");
  private static final Pattern FAMILY_VARIABLE =
      Pattern.compile("COTERIE_PROVIDER_([A-Za-z0-9]+)_(.+)");

  // Kubernetes gives every pod such variables about each service, also one that is named coterie.
  private static final Pattern SERVICE_LINK =
      Pattern.compile("COTERIE_(\\w+_)?(SERVICE_(HOST|PORT\\w*)|PORT_\\d+_(TCP|UDP|SCTP)\\w*)");
  private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://\\S+:\\d+");

  private final List<String> mistakes;
  private final Map<String, String> environment;
  private final Map<String, String> file = new LinkedHashMap<>();
  private final Map<String, String> variables = new TreeMap<>();
  private final Map<String, String> arguments = new LinkedHashMap<>();
  private final Map<Integer, String> malformed = new TreeMap<>();
  private String fileName;

  /** Reads everything; what has no proper form goes to {@code mistakes}. */
  Sources(String[] args, Map<String, String> environment, Path directory, List<String> mistakes) {
    this.mistakes = mistakes;
    this.environment = environment;
    for (int i = 0; i < args.length; i++) {
      readArgument(i + 1, args[i]);
    }
    String named = arguments.remove("config");
    boolean isNamed = named != null && !named.isEmpty();
    fileName = isNamed ? named : DEFAULT_FILE;
    readFile(directory, isNamed);
    new TreeMap<>(environment).forEach(this::readVariable);
  }

  static String variableOf(String key) {
    return PREFIX + key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
  }

  static boolean hasFlag(String[] args, String... flags) {
    return Arrays.stream(args).anyMatch(List.of(flags)::contains);
  }

  /** What was given for {@code key}, the one that wins last. */
  List<Given> given(String key) {
    List<Given> found = new ArrayList<>();
    String variable = variableOf(key);
    addGiven(found, fileName + ": " + key, file.get(key));
    addGiven(found, "environment variable " + variable + " (" + key + ")", variables.get(variable));
    addGiven(found, "argument --" + key, arguments.get(key));
    return found;
  }

  /** A variable of the environment that is none of ours; null where it is unset or empty. */
  String foreignVariable(String name) {
    String value = environment.getOrDefault(name, "").strip();
    return value.isEmpty() ? null : value;
  }

  /** Every NAME that some {@code provider.NAME.} key speaks of, in lower case. */
  Set<String> providerNames() {
    Set<String> names = new TreeSet<>();
    for (Map<String, String> keys : List.of(file, arguments)) {
      keys.keySet().forEach(key -> addName(names, FAMILY.matcher(key)));
    }
    variables.keySet().forEach(name -> addName(names, FAMILY_VARIABLE.matcher(name)));
    return names;
  }

  /** Notes each key that is none of {@code known}. */
  void refuseUnknown(Set<String> known) {
    malformed.forEach((position, argument) -> refuseMalformed(position, argument, known));
    file.keySet().forEach(key -> refuseUnknown(fileName + ": ", key, "", known));
    arguments.keySet().forEach(key -> refuseUnknown("argument --", key, "--", known));
    Set<String> names = new TreeSet<>();
    known.forEach(key -> names.add(variableOf(key)));
    variables.keySet().forEach(name -> refuseUnknown("environment variable ", name, "", names));
  }

  private void refuseUnknown(String where, String key, String dashes, Set<String> known) {
    if (known.contains(key)) {
      return;
    }
    String shown = Values.printableKey(key);
    String nearest = Values.nearest(shown, known);
    String hint = "--help lists them all";
    if (nearest != null) {
      hint = "did you mean " + dashes + nearest + "?";
    } else if (key.startsWith("provider.")) {
      hint = "expected provider.NAME.type, .base-url or .api-key, NAME in letters and digits";
    }
    mistakes.add(where + shown + ": unknown; " + hint);
  }

  /** The argument is not shown: it may be a secret that was parted from its key by a blank. */
  private void refuseMalformed(int position, String argument, Set<String> known) {
    Set<String> names = new TreeSet<>(known);
    names.add("config");
    String name = argument.startsWith("--") ? argument.substring(2) : "";
    String nearest = name.isEmpty() ? null : Values.nearest(name, names);
    String form = nearest == null ? "--KEY=VALUE" : "--" + nearest + "=VALUE";
    mistakes.add("argument " + position + ": expected " + form + ", in one word");
  }

  private static void addGiven(List<Given> found, String where, String value) {
    if (value != null && !value.isEmpty()) {
      found.add(new Given(where, value));
    }
  }

  private static void addName(Set<String> names, Matcher matcher) {
    if (matcher.matches()) {
      names.add(matcher.group(1).toLowerCase(Locale.ROOT));
    }
  }

  private void readArgument(int position, String argument) {
    int equals = argument.indexOf('=');
    if (FLAGS.contains(argument)) {
      return;
    }
    if (!argument.startsWith("--") || equals < 3) {
      malformed.put(position, argument);
      return;
    }
    String key = argument.substring(2, equals);
    put(arguments, "argument --", key, argument.substring(equals + 1));
  }

  private void readVariable(String name, String value) {
    boolean isServiceLink =
        SERVICE_LINK.matcher(name).matches()
            || (name.endsWith("_PORT") && SERVICE_ADDRESS.matcher(value).matches());
    if (name.startsWith(PREFIX) && !isServiceLink) {
      boolean isFamily = FAMILY_VARIABLE.matcher(name).matches();
      String spelled = isFamily ? name.toUpperCase(Locale.ROOT) : name;
      put(variables, "environment variable ", spelled, value);
    }
  }

  private void readFile(Path directory, boolean mustExist) {
    Path path;
    try {
      path = directory.resolve(fileName);
    } catch (InvalidPathException e) {
      mistakes.add("argument --config: expected the path of a file");
      return;
    }
    String shown = Values.printable(fileName);
    fileName = shown;
    if (!mustExist && !Files.exists(path)) {
      return;
    }
    if (Files.isDirectory(path) || !Files.isReadable(path)) {
      mistakes.add((mustExist ? "argument --config: " : "") + shown + ": no file that can be read");
      return;
    }
    try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      reader.mark(1);
      if (reader.read() != '\uFEFF') {
        reader.reset();
      }
      new Lines().load(reader);
    } catch (CharacterCodingException e) {
      mistakes.add(shown + ": expected text in UTF-8");
    } catch (IOException e) {
      mistakes.add(shown + ": no file that can be read");
    } catch (IllegalArgumentException e) {
      mistakes.add(
          shown + ": expected four hexadecimal digits after each \\u; a backslash is written \\\\");
    }
  }

  /** Hands each line on as it is read, for a Properties keeps only the last of two equal keys. */
  private final class Lines extends Properties {
    private static final long serialVersionUID = 1L;

    @Override
    public synchronized Object put(Object key, Object value) {
      Sources.this.put(file, fileName + ": ", (String) key, (String) value);
      return null;
    }
  }

  private void put(Map<String, String> source, String where, String key, String value) {
    Matcher family = FAMILY.matcher(key);
    String spelled =
        family.matches()
            ? "provider." + family.group(1).toLowerCase(Locale.ROOT) + "." + family.group(2)
            : key;
    if (source.putIfAbsent(spelled, value.strip()) != null) {
      mistakes.add(where + Values.printableKey(spelled) + ": given twice; expected once");
    }
  }
}
