package io.coterie.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kinds of values that settings have: how they are written, and what they become. */
final class Values {

  /**
   * One kind of value.
   *
   * @param expected completes the sentence "expected …"
   * @param reader gives null for a text that is not of this kind
   */
  record Kind<T>(String expected, Function<String, T> reader) {
    T read(String text) {
      return reader.apply(text);
    }
  }

  static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");
  private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,10}) ?([A-Za-z]*)");
  private static final Map<String, Long> BYTES =
      Map.of("", 1L, "b", 1L, "kb", 1L << 10, "mb", 1L << 20, "gb", 1L << 30);
  private static final Map<String, Duration> TIMES =
      Map.of(
          "", Duration.ofSeconds(1),
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));
  private static final Duration LONGEST = Duration.ofDays(36_500);

  static final Kind<Boolean> BOOLEAN =
      new Kind<>(
          "true or false",
          text ->
              switch (text.toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default -> null;
              });

  static final Kind<Duration> DURATION =
      new Kind<>(
          "a duration above 0 such as 500ms, 90s, 5m, 12h or 7d, at most 36500d",
          Values::readDuration);

  static final Kind<String> MODEL =
      matching("PROVIDER/MODEL, such as openai/gpt-4.1-mini", "[A-Za-z0-9]+/[!-~]+");

  static final Kind<String> API_KEY =
      matching("a key of visible ASCII characters without blanks", "[!-~]+");

  static final Kind<String> JWT_SECRET = matching("at least 32 characters", "(?s).{32,}");

  static final Kind<String> H2_URL = matching("a URL that begins with jdbc:h2:", "jdbc:h2:.+");

  private Values() {}

  static Kind<Integer> number(int least, int most) {
    return new Kind<>(
        "a number from " + least + " to " + most,
        text -> {
          long number = NUMBER.matcher(text).matches() ? Long.parseLong(text) : -1;
          return number < least || number > most ? null : Integer.valueOf((int) number);
        });
  }

  /** A number of bytes. */
  static Kind<Long> size(String least, String most) {
    long min = readBytes(least);
    long max = readBytes(most);
    return new Kind<>(
        "a size from " + least + " to " + most + ", such as 500KB, 1MB or 1048576",
        text -> {
          Long bytes = readBytes(text);
          return bytes == null || bytes < min || bytes > max ? null : bytes;
        });
  }

  static Kind<Path> path(Path directory) {
    return new Kind<>(
        "a path",
        text -> {
          try {
            return directory.resolve(text).toAbsolutePath().normalize();
          } catch (InvalidPathException e) {
            return null;
          }
        });
  }

  static <E extends Enum<E>> Kind<E> choice(Class<E> type) {
    List<E> all = List.of(type.getEnumConstants());
    List<String> names = all.stream().map(Values::lowerCase).toList();
    String last = names.get(names.size() - 1);
    return new Kind<>(
        String.join(", ", names.subList(0, names.size() - 1)) + " or " + last,
        text -> all.stream().filter(e -> e.name().equalsIgnoreCase(text)).findFirst().orElse(null));
  }

  /** The name of a constant as it is written in settings. */
  static String lowerCase(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** A text that someone else wrote, made fit for one line of a message. */
  static String printable(String text) {
    String clean = text.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "?");
    return clean.length() <= 80 ? clean : clean.substring(0, 80) + "...";
  }

  /** A key that nobody knows, up to where it can be no key: what follows may be a secret. */
  static String printableKey(String key) {
    String clean = key.replaceFirst("(?s)^([A-Za-z0-9._-]{0,48}).*", "$1");
    return clean.equals(key) ? key : clean + "...";
  }

  /** The known key that was probably meant, or null: one misspelled, or one cut short. */
  static String nearest(String key, Set<String> known) {
    String best = null;
    int bestDistance = Math.max(2, key.length() / 6) + 1;
    for (String candidate : known) {
      int distance = distance(letters(key), letters(candidate));
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    if (best != null) {
      return best;
    }
    String end = letters(key).replaceFirst("^coterie", "");
    List<String> longer = known.stream().filter(k -> letters(k).endsWith(end)).toList();
    return end.length() > 2 && longer.size() == 1 ? longer.get(0) : null;
  }

  private static String letters(String key) {
    return key.toLowerCase(Locale.ROOT).replaceAll("[._-]", "");
  }

  /** Levenshtein's distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  private static Kind<String> matching(String expected, String pattern) {
    Pattern compiled = Pattern.compile(pattern);
    return new Kind<>(expected, text -> compiled.matcher(text).matches() ? text : null);
  }

  /** Items with commas between; one that is named twice counts once. */
  static <T> Kind<List<T>> list(String expected, Function<String, T> item) {
    return new Kind<>(
        expected,
        text -> {
          Set<T> items = new LinkedHashSet<>();
          for (String part : text.split(",", -1)) {
            T read = part.isBlank() ? null : item.apply(part.strip());
            if (read == null) {
              return null;
            }
            items.add(read);
          }
          return List.copyOf(items);
        });
  }

  private static Long readBytes(String text) {
    Matcher amount = AMOUNT.matcher(text);
    Long unit = amount.matches() ? BYTES.get(amount.group(2).toLowerCase(Locale.ROOT)) : null;
    if (unit == null) {
      return null;
    }
    long number = Long.parseLong(amount.group(1));
    return number > Long.MAX_VALUE / unit ? null : Long.valueOf(number * unit);
  }

  private static Duration readDuration(String text) {
    Matcher amount = AMOUNT.matcher(text);
    Duration unit = amount.matches() ? TIMES.get(amount.group(2).toLowerCase(Locale.ROOT)) : null;
    Duration time =
        unit == null ? Duration.ZERO : unit.multipliedBy(Long.parseLong(amount.group(1)));
    return time.isZero() || time.compareTo(LONGEST) > 0 ? null : time;
  }
}
