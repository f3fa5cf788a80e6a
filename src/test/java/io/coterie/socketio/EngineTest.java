package io.coterie.socketio;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** One server for all tests of a class, which leave nothing behind on it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class EngineTest {

  Engine engine;

  @BeforeAll
  void start() {
    engine = newEngine();
  }

  @AfterEach
  void expectQuiet() {
    engine.expectQuiet();
  }

  @AfterAll
  void stop() {
    engine.close();
  }

  Engine newEngine() {
    return Engine.start();
  }
}
