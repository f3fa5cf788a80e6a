package io.coterie.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A large object says the same as a small one. */
class LazyObjectTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"a\":1}",
        "{\"a\":null}",
        "{\"a\":\"x\",\"a\":\"y\"}",
        "{\"b\":{\"a\":1},\"c\":[{\"a\":2}]}",
        "{\"\\u0061\":\"escaped\"}",
        " {\"a\" : [1, {\"b\": 2.50}] , \"c\":true} \n",
        "{\"a\":1e999}",
        "{\"a\":1}{}",
        "{\"a\":1} x",
        "{\"a\":1,}",
        "{\"a\"",
        "{a:1}",
        "{'a':1}",
        "[]",
        "\"a\"",
        "null",
        "",
        "{\"a\":\"\t\"}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{\"a\":\"\\ud800\"}"
      })
  void anyText_isReadAsTheTreeIs(String text) {
    var tree = Json.readObject(text);
    var lazy = LazyObject.of(text);
    assertThat(lazy.isPresent()).isEqualTo(tree.isPresent());
    for (String name : new String[] {"a", "b", "c", "d", ""}) {
      assertThat(lazy.map(object -> object.get(name)).orElse(null))
          .isEqualTo(tree.map(object -> object.get(name)).orElse(null));
    }
  }

  @Test
  void tooDeep_isNoObjectForEither() {
    String deep = "{\"a\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}";
    assertThat(Json.readObject(deep)).isEmpty();
    assertThat(LazyObject.of(deep)).isEmpty();
  }
}
