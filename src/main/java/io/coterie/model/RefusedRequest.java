package io.coterie.model;

import dev.langchain4j.exception.HttpException;

/** A provider's answer with an error status, its body being the message, and when to try again. */
final class RefusedRequest extends HttpException {

  private static final long serialVersionUID = 1L;

  private final transient RetryAdvice advice;

  RefusedRequest(int status, String body, RetryAdvice advice) {
    super(status, body);
    this.advice = advice;
  }

  RetryAdvice advice() {
    return advice == null ? RetryAdvice.SILENT : advice;
  }
}
