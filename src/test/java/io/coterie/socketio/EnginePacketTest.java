package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.socketio.EnginePacket.MalformedException;
import io.coterie.socketio.EnginePacket.Payload;
import io.coterie.socketio.EnginePacket.Type;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnginePacketTest {

  private static final String S = "\u001e";

  @ParameterizedTest
  @CsvSource({
    "0{},OPEN,{}",
    "1,CLOSE,''",
    "2probe,PING,probe",
    "3,PONG,''",
    "4hello,MESSAGE,hello",
    "44,MESSAGE,4",
    "4,MESSAGE,''",
    "5,UPGRADE,''",
    "6,NOOP,''",
    "4b,MESSAGE,b",
  })
  void parse_packet_isTypeAndData(String text, Type type, String data) throws Exception {
    assertThat(EnginePacket.parse(text)).isEqualTo(new EnginePacket(type, data));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "7", "9", "a", "b", "-1", " 4", "/", ":", "\u0664", "\u0000", "\ud800", S})
  void parse_noPacket_isRefused(String text) {
    assertThatThrownBy(() -> EnginePacket.parse(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void parse_anyText_isKeptAsItIs() throws Exception {
    String data = "\u0000\ud800\udfff\ud83d\ude00" + S + "\r\n";
    assertThat(EnginePacket.parse("4" + data).data()).isEqualTo(data);
  }

  @Test
  void payload_severalPackets_areInOrder() throws Exception {
    assertThat(all("4a" + S + "2" + S + "4" + S + "bAQ==" + S + "1"))
        .containsExactly(
            new EnginePacket(Type.MESSAGE, "a"),
            new EnginePacket(Type.PING, ""),
            new EnginePacket(Type.MESSAGE, ""),
            new EnginePacket(Type.BINARY, ""),
            new EnginePacket(Type.CLOSE, ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", S, "4a" + S, S + "4a", "4a" + S + S + "4b", "4a" + S + "x"})
  void payload_somethingBetweenSeparatorsThatIsNoPacket_isRefused(String text) {
    assertThatThrownBy(() -> all(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void payload_thatWasWritten_isReadBack() throws Exception {
    String payload = EnginePacket.payload(List.of("4a", "2", "4b"));
    assertThat(payload).isEqualTo("4a" + S + "2" + S + "4b");
    assertThat(EnginePacket.payload(List.of("4a"))).isEqualTo("4a");
    assertThat(all(payload)).hasSize(3);
  }

  @Test
  void payload_halfAMillionPackets_areReadOneByOne() throws Exception {
    Payload payload = new Payload(("6" + S).repeat(500_000) + "6");
    int count = 0;
    while (payload.hasNext()) {
      assertThat(payload.next().type()).isEqualTo(Type.NOOP);
      count++;
    }
    assertThat(count).isEqualTo(500_001);
  }

  private static List<EnginePacket> all(String text) throws MalformedException {
    List<EnginePacket> packets = new ArrayList<>();
    Payload payload = new Payload(text);
    while (payload.hasNext()) {
      packets.add(payload.next());
    }
    return packets;
  }
}
