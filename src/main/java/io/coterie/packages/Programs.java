package io.coterie.packages;

import java.util.Locale;
import java.util.Set;

/**
 * Which files of a package somebody or something might run: a package is read, never run, and has
 * no use for them. Stateless.
 */
final class Programs {

  private static final Set<String> ENDINGS =
      Set.of(
          "app", "bash", "bat", "class", "cmd", "com", "dll", "dylib", "exe", "jar", "jnlp", "js",
          "lua", "mjs", "msi", "php", "pl", "ps1", "py", "pyc", "rb", "scr", "sh", "so", "ts",
          "vbs", "war", "wasm", "zsh");

  private Programs() {}

  /** Whether a file's name ends as those of programs, libraries and scripts do. */
  static boolean isNamedSo(String name) {
    String file = name.substring(name.lastIndexOf('/') + 1);
    int dot = file.lastIndexOf('.');
    return dot >= 0 && ENDINGS.contains(file.substring(dot + 1).toLowerCase(Locale.ROOT));
  }
}
