package io.coterie.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/** Results and what is cut of them. */
class ToolTextsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void read_contentOfAllKinds_isTextOrNamed() throws Exception {
    String content =
        "{'type':'text','text':'one'},{'type':'audio','data':'AAAA','mimeType':'audio/wav'},"
            + "{'type':'resource','resource':{'uri':'file:///a','mimeType':'text/plain','text':'inside'}},"
            + "{'type':'resource','resource':{'uri':'file:///b','blob':'"
            + "A".repeat(4_000_000)
            + "'}},{'type':'resource_link','uri':'https://x/y','name':'Y'},{'type':'hologram'},{},7,"
            + "{'type':'text'},{'type':'text','text':'two'}";
    assertThat(read("{'content':[" + content + "],'structuredContent':{'a':1}}").text())
        .isEqualTo(
            """
            one
            [audio, audio/wav, 1 kB]
            [resource, file:///a, text/plain]
            inside
            [resource, file:///b, 3000 kB]
            [link, Y, https://x/y]
            [content of a kind that cannot be shown]
            [content of a kind that cannot be shown]
            [content of a kind that cannot be shown]
            two\
            """);
  }

  @Test
  void read_structuredWithoutText_isJsonBeforeWhatIsNamed() throws Exception {
    String image = "{'type':'image','data':'AAAA','mimeType':'image/png'}";
    assertThat(read("{'content':[" + image + "],'structuredContent':[1,2]}").text())
        .isEqualTo("[1,2]\n[image, image/png, 1 kB]");
    assertThat(read("{'structuredContent':{'a':'b'}}").text()).isEqualTo("{\"a\":\"b\"}");
  }

  @Test
  void read_nothing_isEmpty() throws Exception {
    assertThat(read("{}")).isEqualTo(new ToolResult("", false));
    assertThat(read("{'content':[],'isError':true}")).isEqualTo(new ToolResult("", true));
    assertThat(read("{'content':null,'structuredContent':null}").text()).isEmpty();
  }

  @Test
  void read_brokenCharacters_areReplaced() throws Exception {
    assertThat(read("{'content':[{'type':'text','text':'a\\u0000b\\ud83dc\\ude00d'}]}").text())
        .isEqualTo("a\uFFFDb\uFFFDc\uFFFDd");
    assertThat(read("{'content':[{'type':'text','text':'\\ud83d\\ude00'}]}").text())
        .isEqualTo("😀");
  }

  @Test
  void read_longText_isCutBetweenCharacters() throws Exception {
    for (String start : new String[] {"", "x"}) {
      String text = start + "😀".repeat(60_000);
      ToolResult result = read("{'content':[{'type':'text','text':'" + text + "'}]}");
      assertThat(result.text()).hasSizeBetween(99_900, 100_000);
      assertThat(result.text())
          .endsWith("😀\n[cut here: it was " + text.length() + " characters long]");
    }
    String fits = "y".repeat(100_000);
    assertThat(read("{'content':[{'type':'text','text':'" + fits + "'}]}").text()).isEqualTo(fits);
  }

  @Test
  void line_controlCharacters_areSpaces() {
    assertThat(Labels.of(" a\nb\u001b[31m\u202e\u0000c\r", 100)).isEqualTo("a b [31m  c");
    assertThat(Labels.of("abcdef", 3)).isEqualTo("abc");
    assertThat(Labels.of("ab😀", 3)).isEqualTo("ab\uFFFD");
  }

  private static ToolResult read(String json) throws Exception {
    return ToolResults.read(JSON.readTree(json.replace('\'', '"')));
  }
}
