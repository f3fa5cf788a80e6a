package io.coterie.model;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A model without a network, for tests: it says what its script says. It keeps the same promises as
 * the real ones, see {@link Models#open}: one ending, on another thread, cancelled at once.
 *
 * <p>Each call plays the next script given to {@link #then}; when there is none, the script it was
 * made with.
 */
public final class ScriptedModel implements Models {

  /** What to do in one call; it runs on a daemon thread of its own. */
  @FunctionalInterface
  public interface Script {
    void play(ChatRequest request, Reply reply);
  }

  /** A call as it came. */
  public record Call(
      String ref, Double temperature, Integer maxOutputTokens, ChatRequest request) {}

  private static final String REF = "scripted/model";

  private final Script usual;
  private final BlockingQueue<Script> next = new LinkedBlockingQueue<>();
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final Semaphore arrivals = new Semaphore(0);

  public ScriptedModel(Script usual) {
    this.usual = usual;
  }

  /** Answers with a function of the messages, in one piece, counting 7 and 3 tokens. */
  public static ScriptedModel answering(Function<List<ChatMessage>, String> answer) {
    return new ScriptedModel(
        (request, reply) -> reply.text(answer.apply(request.messages())).complete(7, 3));
  }

  /** Answers in these pieces, counting 7 and 3 tokens. */
  public static Script pieces(String... pieces) {
    return (request, reply) -> {
      for (String piece : pieces) {
        reply.text(piece);
      }
      reply.complete(7, 3);
    };
  }

  /** Says this and then nothing more until it is cancelled. */
  public static Script hanging(String... pieces) {
    return (request, reply) -> {
      for (String piece : pieces) {
        reply.text(piece);
      }
      reply.awaitCancel();
    };
  }

  /** Says this and then fails. */
  public static Script failing(RunFailure.Code code, String message, String... pieces) {
    return (request, reply) -> {
      for (String piece : pieces) {
        reply.text(piece);
      }
      reply.fail(new RunFailure(code, message));
    };
  }

  /** Asks for one tool; {@code arguments} is a JSON object. */
  public static Script toolCall(String id, String name, String arguments) {
    return (request, reply) -> reply.tool(id, name, arguments).complete(7, 3);
  }

  /** Plays {@code script} for the next call that has none yet. */
  public ScriptedModel then(Script script) {
    next.add(script);
    return this;
  }

  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /** Waits until one more call has come, and returns the latest. */
  public Call awaitCall() {
    try {
      if (!arrivals.tryAcquire(ScriptedProvider.PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("Waited in vain for a call");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return calls.get(calls.size() - 1);
  }

  @Override
  public boolean configured() {
    return true;
  }

  @Override
  public Optional<String> defaultModel() {
    return Optional.of(REF);
  }

  @Override
  public StreamingChatModel open(
      String ref, Double temperature, Integer maxOutputTokens, Cancellation cancellation) {
    StreamingChatModel model =
        new StreamingChatModel() {
          @Override
          public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            Script queued = next.poll();
            calls.add(new Call(ref == null ? REF : ref, temperature, maxOutputTokens, request));
            arrivals.release();
            Reply reply = new Reply(handler, cancellation);
            start(() -> reply.play(queued == null ? usual : queued, request));
          }
        };
    return new GuardedModel(model, cancellation);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "scripted-model");
    thread.setDaemon(true);
    thread.start();
  }

  /** What a script says. Its methods end the script when the run is cancelled. */
  public static final class Reply {

    private final StreamingChatResponseHandler handler;
    private final Cancellation cancellation;
    private final Gate cancelled = new Gate();
    private final StringBuilder text = new StringBuilder();
    private final List<ToolExecutionRequest> tools = new ArrayList<>();
    private boolean ended;

    private Reply(StreamingChatResponseHandler handler, Cancellation cancellation) {
      this.handler = handler;
      this.cancellation = cancellation;
    }

    private void play(Script script, ChatRequest request) {
      // On a thread of its own: a script may be waiting at a gate that nobody opens any more.
      Cancellation.Registration registration =
          cancellation.onCancel(
              () -> {
                cancelled.open();
                start(() -> end(() -> handler.onError(new CancellationException())));
              });
      try {
        script.play(request, this);
        end(() -> handler.onError(new AssertionError("The script has no end")));
      } catch (CancellationException e) {
        // The registered action reports it.
      } catch (RuntimeException | AssertionError e) {
        end(() -> handler.onError(e));
      }
      registration.close();
    }

    /** Says a piece. */
    public Reply text(String piece) {
      synchronized (this) {
        goOn();
        text.append(piece);
        handler.onPartialResponse(piece);
      }
      return this;
    }

    /** Waits for the test before going on. */
    public Reply await(Gate gate) {
      gate.await();
      goOn();
      return this;
    }

    /** Asks for a tool; follow with {@link #complete}. */
    public Reply tool(String id, String name, String arguments) {
      tools.add(ToolExecutionRequest.builder().id(id).name(name).arguments(arguments).build());
      return this;
    }

    /** Ends the reply. */
    public void complete(Integer inputTokens, Integer outputTokens) {
      goOn();
      ChatResponse response =
          ChatResponse.builder()
              .aiMessage(
                  AiMessage.builder()
                      .text(text.isEmpty() ? null : text.toString())
                      .toolExecutionRequests(tools)
                      .build())
              .tokenUsage(inputTokens == null ? null : new TokenUsage(inputTokens, outputTokens))
              .finishReason(tools.isEmpty() ? FinishReason.STOP : FinishReason.TOOL_EXECUTION)
              .build();
      end(() -> handler.onCompleteResponse(response));
    }

    /** Ends the reply with a failure. */
    public void fail(Throwable error) {
      goOn();
      end(() -> handler.onError(error));
    }

    /** Says nothing until the run is cancelled. */
    public void awaitCancel() {
      cancelled.await();
      goOn();
    }

    private void goOn() {
      if (cancellation.isCancelled()) {
        throw new CancellationException();
      }
    }

    private synchronized void end(Runnable callback) {
      if (!ended) {
        ended = true;
        callback.run();
      }
    }
  }
}
