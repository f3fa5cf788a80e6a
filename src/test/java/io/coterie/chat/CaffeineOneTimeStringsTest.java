package io.coterie.chat;

import java.time.Clock;
import java.time.Duration;

class CaffeineOneTimeStringsTest extends OneTimeStringsContract {

  @Override
  OneTimeStrings create(Clock clock, Duration connectionTtl, Duration messageTtl) {
    return new CaffeineOneTimeStrings(clock, connectionTtl, messageTtl);
  }
}
