package io.coterie.http;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * One request with a body, from its head until it is done with. A body that is not wanted, or
 * cannot be taken, is thrown away as it comes. Where the answer could not wait for the body's end
 * the connection is closed after it, though not at once: most clients read no answer before they
 * have sent all, and would find a connection that was closed on them instead. Thread-safe.
 */
final class Reception implements Callback {

  /** The end of an unwanted body is awaited up to here; then its connection can go on. */
  private static final int AWAITED = 16 * 1024;

  private static final long AWAITED_MILLIS = 1_000;
  private static final long LINGER_MILLIS = 3_000;
  private static final long MAX_DISCARDED = 64L << 20;

  /** After so much others get their turn to be read. */
  private static final int AT_A_STRETCH = 64 * 1024;

  private static final String ARRIVING = "io.coterie.arriving";

  private static final Runnable NOTHING = () -> {};

  private enum Stage {
    /** The body is kept as it comes. */
    KEEPING,
    /** It is thrown away as it comes, and the answer waits for its end. */
    AWAITING,
    /** The handler answers; what still comes is thrown away. */
    ANSWERING,
    /** The answer is written; what still comes is thrown away for a while. */
    LINGERING,
    OVER
  }

  private enum Reader {
    /** Nobody reads. */
    IDLE,
    RUNNING,
    /** Is called when more has come. */
    PARKED
  }

  private final Request request;
  private final Response response;
  private final Callback callback;
  private final BodyIntake.Verdict verdict;
  private final Intake intake;
  private final Handler handler;
  private final RequestMemory.Hold hold;
  private final GrowingBytes bytes;
  private final Invocable.Task reading =
      Invocable.from(Invocable.InvocationType.NON_BLOCKING, this::readLater);

  // Guarded by this.
  private Stage stage;
  private Reader reader = Reader.IDLE;
  private ApiException refusal;
  private boolean whole; // the body's end was read
  private boolean ended; // no more is to be read
  private boolean closes; // the connection is closed after the answer
  private long discarded;
  private Scheduler.Task timer;

  Reception(
      Request request,
      Response response,
      Callback callback,
      BodyIntake.Verdict verdict,
      Intake intake,
      Handler handler) {
    this.request = request;
    this.response = response;
    this.callback = callback;
    this.verdict = verdict;
    this.intake = intake;
    this.handler = handler;
    RequestMemory memory =
        verdict.use() == BodyIntake.Use.BYTES ? intake.packages() : intake.memory();
    this.hold = memory.open(verdict.owner(), this::evicted);
    this.bytes = new GrowingBytes(request.getLength(), hold);
  }

  /** Whether the body of that request is still awaited. */
  static boolean isArriving(Request request) {
    return request.getAttribute(ARRIVING) != null;
  }

  /** Decides, by its announced length, what becomes of the body. */
  void begin() {
    long length = request.getLength();
    boolean tooLong = isWanted() && length > verdict.maxSize();
    boolean answerNow = tooLong || (!isWanted() && (length > AWAITED || expectsContinue()));
    synchronized (this) {
      refusal = tooLong ? ApiException.bodyTooLarge() : null;
      if (answerNow) {
        stage = Stage.ANSWERING;
      } else if (isWanted()) {
        stage = Stage.KEEPING;
      } else {
        stage = Stage.AWAITING;
        timer = schedule(this::awaitedLongEnough, AWAITED_MILLIS);
      }
      reader = answerNow ? Reader.IDLE : Reader.RUNNING;
    }
    if (answerNow) {
      answer();
    } else {
      request.setAttribute(ARRIVING, true);
      readOn().run();
    }
  }

  /** On a reader: the threads that answer are for those whose request is there. */
  private void readLater() {
    synchronized (this) {
      reader = Reader.RUNNING;
    }
    intake.readers().execute(() -> inBackground(readOn()));
  }

  /** Reads what has come; answers what is to be done next. */
  private Runnable readOn() {
    int stretch = 0;
    while (true) {
      if (stretch >= AT_A_STRETCH) {
        readLater();
        return NOTHING;
      }
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        return awaitMore();
      }
      stretch += chunk.remaining();
      Runnable next =
          Content.Chunk.isFailure(chunk) ? failedToRead(chunk.getFailure()) : took(chunk);
      chunk.release();
      if (next != null) {
        return next;
      }
    }
  }

  private Runnable awaitMore() {
    synchronized (this) {
      if (ended) {
        return afterTheEnd();
      }
      reader = Reader.PARKED;
    }
    try {
      request.demand(reading);
    } catch (IllegalStateException e) {
      // Completed by the timer just now.
    }
    return NOTHING;
  }

  /** Takes a piece of the body; null where reading goes on. */
  private Runnable took(Content.Chunk chunk) {
    int size = chunk.remaining();
    ApiException refused = isKeeping() ? keep(chunk) : null;
    synchronized (this) {
      discarded += size;
      whole |= chunk.isLast();
      ended |= chunk.isLast() || (stage != Stage.KEEPING && discarded > MAX_DISCARDED);
      boolean answerNow =
          (stage == Stage.KEEPING && refused != null)
              || (stage == Stage.AWAITING && discarded > AWAITED);
      if (answerNow && !ended) {
        stage = Stage.ANSWERING;
        refusal = refused;
        closes = true;
        // What still comes is read meanwhile.
        inBackground(this::answer);
        return null;
      }
      refusal = refusal == null ? refused : refusal;
      return ended ? afterTheEnd() : null;
    }
  }

  /** Keeps a piece of the body, or answers why it cannot be kept. */
  private ApiException keep(Content.Chunk chunk) {
    if (bytes.size() + chunk.remaining() > verdict.maxSize()) {
      return ApiException.bodyTooLarge();
    }
    return bytes.add(chunk.getByteBuffer()) ? null : ApiException.busy();
  }

  /** The client broke off, its chunks are none, or it was silent for too long. */
  private synchronized Runnable failedToRead(Throwable failure) {
    ended = true;
    if (stage == Stage.KEEPING || stage == Stage.AWAITING) {
      int status = failure instanceof TimeoutException ? 408 : 400;
      refusal = new ApiException(status, Errors.defaultMessage(status));
    }
    return afterTheEnd();
  }

  /** Nothing is read any more. */
  private synchronized Runnable afterTheEnd() {
    reader = Reader.IDLE;
    switch (stage) {
      case KEEPING, AWAITING -> {
        stage = Stage.ANSWERING;
        return this::answer;
      }
      case LINGERING -> {
        return over();
      }
      default -> {
        return NOTHING;
      }
    }
  }

  private synchronized Runnable over() {
    stage = Stage.OVER;
    cancelTimer();
    return callback::succeeded;
  }

  /** What it held is needed for others. */
  private synchronized void evicted() {
    if (stage == Stage.KEEPING) {
      stage = Stage.ANSWERING;
      refusal = ApiException.busy();
      inBackground(this::answer);
    }
  }

  private synchronized void awaitedLongEnough() {
    if (stage == Stage.AWAITING) {
      stage = Stage.ANSWERING;
      inBackground(this::answer);
    }
  }

  /** Lets the handler answer, with the body, the refusal or neither. */
  private void answer() {
    ApiException refused;
    synchronized (this) {
      cancelTimer();
      if (isWanted() && refusal == null && !hold.whole()) {
        refusal = ApiException.busy();
      }
      refused = refusal;
      if (closes || !whole || refusal != null) {
        response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
      }
    }
    byte[] body = bytes.take();
    if (refused != null) {
      body = new byte[0];
      hold.release();
    }
    request.removeAttribute(ARRIVING);
    RequestBodies.set(request, new RequestBodies.Received(body, refused));
    intake.turns().run(verdict.use() == BodyIntake.Use.JSON ? body.length : 0, this::handle);
  }

  private void handle() {
    Request read = new BodyWasRead(request);
    try {
      if (!handler.handle(read, response, this)) {
        Response.writeError(read, response, this, 404);
      }
    } catch (Exception e) {
      Response.writeError(read, response, this, e);
    }
  }

  /** The answer is written. */
  @Override
  public void succeeded() {
    hold.release();
    boolean readNow;
    synchronized (this) {
      if (ended || expectsContinue() || !response.isCommitted()) {
        stage = Stage.OVER;
      } else {
        stage = Stage.LINGERING;
        timer = schedule(this::lingeredLongEnough, LINGER_MILLIS);
      }
      readNow = stage == Stage.LINGERING && reader == Reader.IDLE;
    }
    if (readNow) {
      readLater();
    } else if (isOver()) {
      callback.succeeded();
    }
  }

  @Override
  public void failed(Throwable failure) {
    hold.release();
    synchronized (this) {
      stage = Stage.OVER;
      cancelTimer();
    }
    callback.failed(failure);
  }

  private synchronized void lingeredLongEnough() {
    ended = true;
    if (stage == Stage.LINGERING && reader != Reader.RUNNING) {
      inBackground(over());
    }
  }

  @Override
  public InvocationType getInvocationType() {
    return callback.getInvocationType();
  }

  private boolean isWanted() {
    return verdict.use() != BodyIntake.Use.NONE;
  }

  private boolean expectsContinue() {
    return request.getHeaders().contains(HttpHeader.EXPECT);
  }

  private synchronized boolean isKeeping() {
    return stage == Stage.KEEPING;
  }

  private synchronized boolean isOver() {
    return stage == Stage.OVER;
  }

  private void inBackground(Runnable work) {
    if (work == NOTHING) {
      return;
    }
    request.getComponents().getExecutor().execute(work);
  }

  private Scheduler.Task schedule(Runnable action, long millis) {
    return request.getComponents().getScheduler().schedule(action, millis, TimeUnit.MILLISECONDS);
  }

  private synchronized void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /** For handlers, nothing is left to be read. */
  private static final class BodyWasRead extends Request.Wrapper {
    BodyWasRead(Request request) {
      super(request);
    }

    @Override
    public Content.Chunk read() {
      return Content.Chunk.EOF;
    }

    @Override
    public void demand(Runnable onContent) {
      onContent.run();
    }

    @Override
    public boolean consumeAvailable() {
      return true;
    }
  }
}
