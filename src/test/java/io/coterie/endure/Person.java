package io.coterie.endure;

import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One device of one user: does one thing after the other, thinking in between, until it is over.
 */
final class Person {

  private static final int MAX_SPACES = 3;
  private static final int MAX_CHATS = 5;
  private static final int MAX_EVENTS = 3_000;

  /** Something that is done with a chat. */
  private interface Deed {
    void act(Chat chat) throws Exception;
  }

  private final Stage stage;
  private final User user;
  private final boolean isFirst;
  private final Random random;
  private final ChatWork chats;
  private final SpaceWork spaces;
  private final NavigableMap<Integer, Deed> deeds = new TreeMap<>();
  private final Thread thread = new Thread(this::run, "person");
  private int weight;
  private volatile boolean over;

  /**
   * @param isFirst whether it alone deletes the user's things and changes the password
   */
  Person(Stage stage, User user, boolean isFirst, long seed) {
    this.stage = stage;
    this.user = user;
    this.isFirst = isFirst;
    this.random = new Random(seed);
    this.chats = new ChatWork(stage, random);
    this.spaces = new SpaceWork(stage, random);
    usual();
    if (isFirst) {
      rare();
    }
    thread.setDaemon(true);
  }

  void begin() {
    thread.start();
  }

  /** Ends with what is under way. */
  void end() {
    over = true;
  }

  void join() throws InterruptedException {
    thread.join(TimeUnit.SECONDS.toMillis(120));
    stage.findings().check(!thread.isAlive(), "a person who hangs", String.valueOf(user.number));
  }

  /** What is not known to be deleted is looked after. */
  void settle() {
    for (Space space : user.spaces) {
      if (space.state() == Thing.State.DELETING && !isThere("/workspace/" + space.id)) {
        SpaceWork.bury(stage, space);
      } else if (space.state() == Thing.State.DELETING) {
        space.become(Thing.State.ALIVE);
      }
      for (Chat chat : space.chats) {
        if (chat.state() == Thing.State.DELETING && !isThere("/chat?chat_id=" + chat.id)) {
          ChatWork.bury(stage, chat);
        } else if (chat.state() == Thing.State.DELETING) {
          chat.become(Thing.State.ALIVE);
          chat.followers.clear();
        }
      }
      space.chats.removeIf(chat -> chat.state() == Thing.State.DELETED);
    }
    user.spaces.removeIf(space -> space.state() == Thing.State.DELETED);
  }

  private boolean isThere(String path) {
    return stage.api().call(user, null, "GET", path, null, 200, 404).status() == 200;
  }

  private void usual() {
    AccountWork account = new AccountWork(stage, random);
    OpenAiWork openAi = new OpenAiWork(stage, random);
    add(14, chats::post);
    add(8, chats::postAndWait);
    add(6, chats::postAndStream);
    add(12, chats::say);
    add(5, chats::ask);
    add(1, chat -> chats.askAnew(space()));
    add(5, chats::cancel);
    add(4, chats::retry);
    add(8, chats::poll);
    add(6, chats::read);
    add(3, chats::look);
    add(1, chats::rename);
    add(3, chats::follow);
    add(4, account::search);
    add(2, chat -> account.look(user));
    add(1, chat -> account.keys(user));
    add(2, chat -> spaces.list(user));
    add(2, chat -> spaces.listChats(space()));
    add(1, chat -> spaces.rename(space()));
    add(2, chat -> spaces.packages(space()));
    add(1, chat -> spaces.ownAgent(space()));
    add(3, chat -> openAi.complete(user));
    add(3, chat -> openAi.stream(user));
    add(2, chat -> openAi.hangUp(user));
    add(1, chat -> openAi.models(user));
  }

  private void rare() {
    AccountWork account = new AccountWork(stage, random);
    Trespasser trespasser = new Trespasser(stage, random);
    add(2, chat -> trespasser.snoop(user));
    add(3, chat -> trespasser.malformed(user));
    add(2, chat -> trespasser.digUp());
    add(2, chat -> trespasser.reuse());
    add(1, trespasser::race);
    add(1, chat -> account.changePassword(user));
    add(1, chat -> account.login(user));
    add(1, chat -> account.loginWrongly(user));
    add(3, chats::delete);
    add(1, chat -> deleteSpace());
  }

  private void add(int times, Deed deed) {
    weight += times;
    deeds.put(weight, deed);
  }

  private void deleteSpace() {
    List<Space> all = user.aliveSpaces();
    if (all.size() > 1) {
      spaces.delete(all.get(random.nextInt(all.size())));
    }
  }

  private Space space() {
    List<Space> all = user.aliveSpaces();
    if (all.isEmpty() || (all.size() < MAX_SPACES && random.nextInt(40) == 0)) {
      return spaces.create(user);
    }
    return all.get(random.nextInt(all.size()));
  }

  private Chat chat() {
    List<Chat> all = user.chats();
    if (all.isEmpty() || (all.size() < MAX_CHATS && random.nextInt(10) == 0)) {
      Chat made = chats.create(space());
      chats.follow(made);
      return made;
    }
    return all.get(random.nextInt(all.size()));
  }

  private void run() {
    while (!over) {
      try {
        turn();
      } catch (CutOffException e) {
        stage.figures().count("things that were cut off");
      } catch (AssertionError | Exception e) {
        stage.findings().add("unforeseen: " + e.getClass().getName(), trace(e));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(over ? 0 : 200 + random.nextInt(1_600)));
    }
  }

  private void turn() throws Exception {
    if (isFirst) {
      settle();
    }
    Chat chat = chat();
    if (isFirst && chat.record.lastSeq() > MAX_EVENTS) {
      chats.delete(chat);
    } else {
      deeds.higherEntry(random.nextInt(weight)).getValue().act(chat);
    }
  }

  static String trace(Throwable e) {
    StringBuilder text = new StringBuilder(e.toString());
    for (StackTraceElement element : e.getStackTrace()) {
      if (element.getClassName().startsWith("io.coterie")) {
        text.append("\n        at ").append(element);
      }
    }
    return text.toString();
  }
}
