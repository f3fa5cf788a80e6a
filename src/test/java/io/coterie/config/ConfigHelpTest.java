package io.coterie.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The catalogue against help, the shipped file, and what is really read. */
class ConfigHelpTest {

  private static final Path SHIPPED = Path.of("config.properties");

  @TempDir Path dir;

  static List<Settings.Setting> catalogue() {
    return Settings.catalogue();
  }

  private static List<String> keys() {
    return catalogue().stream().map(Settings.Setting::key).toList();
  }

  private static List<String> firstGroups(String text, String pattern) {
    List<String> found = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern, Pattern.MULTILINE).matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  @ParameterizedTest
  @MethodSource("catalogue")
  void help_everySetting_hasKeyDefaultVariableAndMeaning(Settings.Setting setting) {
    assertThat(setting.meaning()).isNotBlank();
    assertThat(Config.help())
        .containsPattern(
            "(?m)^  "
                + Pattern.quote(setting.key() + "=" + setting.fallback())
                + " +"
                + setting.variable()
                + "\n      "
                + Pattern.quote(setting.meaning())
                + "$");
  }

  @Test
  void help_keys_areThoseOfTheCatalogueInItsOrder() {
    assertThat(firstGroups(Config.help(), "^  ([a-z][\\w.-]+)=.* COTERIE_")).isEqualTo(keys());
    assertThat(keys()).hasSizeGreaterThan(30).doesNotHaveDuplicates();
  }

  @Test
  void help_lines_fitInto100AsciiColumnsAndVariablesAlign() {
    assertThat(Config.help().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100).matches("[ -~]*"));
    assertThat(
            Config.help()
                .lines()
                .filter(line -> line.matches("  [a-z].* COTERIE_[A-Z_]+"))
                .map(line -> line.indexOf("COTERIE_"))
                .distinct())
        .hasSize(1);
  }

  @Test
  void help_everyGroup_isAHeading() {
    catalogue()
        .forEach(setting -> assertThat(Config.help()).contains("\n\n" + setting.group() + "\n  "));
  }

  @ParameterizedTest
  @MethodSource("catalogue")
  void load_everySettingOfTheCatalogue_isRead(Settings.Setting setting) {
    String[] argument = {"--" + setting.key() + "="};

    assertThat(Config.load(argument, Map.of(setting.variable(), ""), dir))
        .isEqualTo(Config.load(new String[0], Map.of(), dir));
  }

  @ParameterizedTest
  @MethodSource("catalogue")
  void shippedFile_everySetting_standsAsACommentUnderItsMeaning(Settings.Setting setting)
      throws IOException {
    assertThat(Files.readString(SHIPPED))
        .contains(
            "\n# %s\n#%s=%s\n".formatted(setting.meaning(), setting.key(), setting.fallback()));
  }

  @Test
  void shippedFile_keysAndGroups_areThoseOfTheCatalogueInItsOrder() throws IOException {
    String text = Files.readString(SHIPPED);

    assertThat(firstGroups(text, "^#?([^#\\s=]+)=")).isEqualTo(keys());
    assertThat(firstGroups(text, "^# ---- (.*) ----$"))
        .isEqualTo(catalogue().stream().map(Settings.Setting::group).distinct().toList());
  }

  @Test
  void shippedFile_asItIsOrWithEveryCommentTakenAway_givesTheDefaults() throws IOException {
    Config defaults = Config.load(new String[0], Map.of(), dir);
    String text = Files.readString(SHIPPED);

    Files.writeString(dir.resolve("config.properties"), text);
    assertThat(Config.load(new String[0], Map.of(), dir)).isEqualTo(defaults);

    Files.writeString(dir.resolve("config.properties"), text.replaceAll("(?m)^#(?! )(?=.)", ""));
    assertThat(Files.readString(dir.resolve("config.properties"))).contains("\nserver.port=7070\n");
    assertThat(Config.load(new String[0], Map.of(), dir)).isEqualTo(defaults);
  }
}
