package io.coterie.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizeHintTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "maximum context length is 8192 tokens. However, your messages resulted in 16384 tokens | 0.45",
        "maximum context length is 4097 tokens, you requested 8194 tokens (8000 in the messages) | 0.45",
        "prompt is too long: 210000 tokens > 200000 maximum                                     | 0.857",
        "the request exceeds 1,000 of 2,000 tokens                                              | 0.45",
        "This model's maximum context length is 8192 tokens                                     | 0.5",
        "gpt-4.1 cannot take so much                                                            | 0.5",
        "too long                                                                               | 0.5",
        "999999999 tokens, at most 100                                                          | 0.05"
      })
  void share_isWhatTheProviderSaysOrAHalf(String words, double expected) {
    assertThat(SizeHint.share(words)).isCloseTo(expected, within(0.001));
  }
}
