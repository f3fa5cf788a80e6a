package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.socketio.SocketPacket.MalformedException;
import io.coterie.socketio.SocketPacket.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SocketPacketTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "0                        | CONNECT       | /     | none | 0  | ''",
        "0{\"a\":1}               | CONNECT       | /     | none | 0  | {\"a\":1}",
        "0/chat                   | CONNECT       | /chat | none | 0  | ''",
        "0/chat,                  | CONNECT       | /chat | none | 0  | ''",
        "0/chat,{\"a\":1}         | CONNECT       | /chat | none | 0  | {\"a\":1}",
        "0/chat?a=1&b=/2,{}       | CONNECT       | /chat | none | 0  | {}",
        "0/chat?                  | CONNECT       | /chat | none | 0  | ''",
        "0/?a,                    | CONNECT       | /     | none | 0  | ''",
        "0/a/b,                   | CONNECT       | /a/b  | none | 0  | ''",
        "1/chat,                  | DISCONNECT    | /chat | none | 0  | ''",
        "2[\"a\"]                 | EVENT         | /     | none | 0  | [\"a\"]",
        "2/chat,[\"a\",{}]        | EVENT         | /chat | none | 0  | [\"a\",{}]",
        "2/chat,12[\"a\"]         | EVENT         | /chat | 12   | 0  | [\"a\"]",
        "20[\"a\"]                | EVENT         | /     | 0    | 0  | [\"a\"]",
        "2007[\"a\"]              | EVENT         | /     | 007  | 0  | [\"a\"]",
        "2/chat,999999999999999999[] | EVENT      | /chat | 999999999999999999 | 0 | []",
        "3/chat,7[1]              | ACK           | /chat | 7    | 0  | [1]",
        "4{\"message\":\"no\"}    | CONNECT_ERROR | /     | none | 0  | {\"message\":\"no\"}",
        "51-[\"a\",{\"num\":0}]   | BINARY_EVENT  | /     | none | 1  | [\"a\",{\"num\":0}]",
        "52-/chat,3[]             | BINARY_EVENT  | /chat | 3    | 2  | []",
        "6100-/chat,3[]           | BINARY_ACK    | /chat | 3    | 100| []",
        "2/chat,                  | EVENT         | /chat | none | 0  | ''",
        "2 5                      | EVENT         | /     | none | 0  | 5",
        "2\"text\"                | EVENT         | /     | none | 0  | \"text\"",
      })
  void parse_packet_isTakenApart(
      String text, Type type, String namespace, String id, int attachments, String data)
      throws Exception {
    SocketPacket packet = SocketPacket.parse(text);
    assertThat(packet.type()).isEqualTo(type);
    assertThat(packet.namespace()).isEqualTo(namespace);
    assertThat(packet.id()).isEqualTo(id);
    assertThat(packet.attachments()).isEqualTo(attachments);
    assertThat(packet.data().toString()).isEqualTo(data);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "7",
        "a",
        "/",
        "\ud800",
        "\u001e",
        "2[",
        "2[\"a\"",
        "2[\"a\"]x",
        "2[\"a\"][\"b\"]",
        "2{",
        "2x",
        "2-1[]",
        "2['a']",
        "2/chat[\"a\"],x",
        "2/chat,1,[\"a\"]",
        "2[NaN]",
        "2[\"\u0000\"]",
        "2[\"a\u001eb\"]",
        "5[]",
        "5-[]",
        "51[]",
        "5a-[]",
        "5101-[]",
        "5999999999999999999-[]",
        "21234567890123456789[\"a\"]",
        "2/chat,1234567890123456789[\"a\"]",
      })
  void parse_noPacket_isRefused(String text) {
    assertThatThrownBy(() -> SocketPacket.parse(text)).isInstanceOf(MalformedException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"a\":", "[{\"a\":"})
  void parse_nestingBomb_isRefused(String layer) {
    String bomb = "2" + layer.repeat(1_000_000 / layer.length());
    assertThatThrownBy(() -> SocketPacket.parse(bomb)).isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> SocketPacket.parse("2" + "[".repeat(5_000) + "]".repeat(5_000)))
        .isInstanceOf(MalformedException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {2_000, 1_000_000})
  void parse_hugeNumber_isRefused(int digits) {
    String number = "9".repeat(digits);
    assertThatThrownBy(() -> SocketPacket.parse("2[\"a\"," + number + "]"))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> SocketPacket.parse("2[\"a\",0." + number + "]"))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> SocketPacket.parse("2" + number))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> SocketPacket.parse("5" + number + "-[]"))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void parse_hugeExponent_staysSmall() throws Exception {
    SocketPacket packet = SocketPacket.parse("2[\"a\",1e999999999,-1e-999999999]");
    assertThat(packet.data().toString()).hasSizeLessThan(100);
  }

  @Test
  void parse_longNamespace_isKept() throws Exception {
    String name = "/" + "n".repeat(1_000_000);
    assertThat(SocketPacket.parse("0" + name).namespace()).isEqualTo(name);
    assertThat(SocketPacket.parse("0" + name + ",{}").namespace()).isEqualTo(name);
  }

  @Test
  void parse_unpairedSurrogates_areNoMistake() throws Exception {
    assertThat(SocketPacket.parse("2[\"\\ud800\"]").data().get(0).textValue()).isEqualTo("\ud800");
    assertThat(SocketPacket.parse("2[\"\udc00\"]").data().get(0).textValue()).isEqualTo("\udc00");
  }

  @Test
  void written_packets_areAsTheProtocolWants() {
    assertThat(SocketPacket.connected("/", "x")).isEqualTo("0{\"sid\":\"x\"}");
    assertThat(SocketPacket.connected("/chat", "x")).isEqualTo("0/chat,{\"sid\":\"x\"}");
    assertThat(SocketPacket.disconnect("/")).isEqualTo("1");
    assertThat(SocketPacket.disconnect("/chat")).isEqualTo("1/chat,");
    assertThat(SocketPacket.event("/", "[\"a\"]")).isEqualTo("2[\"a\"]");
    assertThat(SocketPacket.event("/chat", "[\"a\"]")).isEqualTo("2/chat,[\"a\"]");
    assertThat(SocketPacket.acknowledgement("/chat", "007", "[1]")).isEqualTo("3/chat,007[1]");
    assertThat(SocketPacket.connectError("/chat", "a \"b\"\u001e"))
        .isEqualTo("4/chat,{\"message\":\"a \\\"b\\\"\\u001E\"}");
  }
}
