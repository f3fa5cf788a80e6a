package io.coterie.packages;

import java.text.Normalizer;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The rules for the names in an archive: relative, staying inside, and each there once, also on
 * file systems that do not tell upper from lower case.
 */
final class ZipNames {
  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:.*", Pattern.DOTALL);

  private final Set<String> seen = new HashSet<>();

  /** Accepts one more name; {@code /} at its end makes it a folder. */
  void add(String name) throws RefusedException {
    boolean folder = name.endsWith("/");
    String path = folder ? name.substring(0, name.length() - 1) : name;
    if (path.startsWith("/") || name.equals("/") || DRIVE.matcher(path).matches()) {
      throw new RefusedException("the archive has an absolute path");
    }
    if (path.indexOf('\\') >= 0) {
      throw new RefusedException("the archive has a name with a backslash");
    }
    if (path.chars().anyMatch(Character::isISOControl)) {
      throw new RefusedException("the archive has a name with control characters");
    }
    for (String part : path.split("/", -1)) {
      if (part.equals("..")) {
        throw new RefusedException("the archive has a path that leads out of it");
      }
      if (part.isEmpty() || part.equals(".")) {
        throw new RefusedException("the archive has a path that is not plain");
      }
    }
    if (!seen.add(folded(path))) {
      throw new RefusedException("the archive has a name twice");
    }
  }

  /** Upper case first: some letters are equal only in capitals. */
  private static String folded(String path) {
    String composed = Normalizer.normalize(path, Normalizer.Form.NFC);
    return composed.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
  }

  /** Refuses a name that is a file and also the folder of another. */
  static void requireFoldersApart(List<String> names) throws RefusedException {
    Set<String> files = new HashSet<>();
    names.stream().filter(n -> !n.endsWith("/")).forEach(n -> files.add(folded(n)));
    for (String name : names) {
      for (int slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
        if (files.contains(folded(name.substring(0, slash)))) {
          throw new RefusedException("the archive has a name twice");
        }
      }
    }
  }
}
