package io.coterie.user;

import io.coterie.deletion.Deletions;
import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.ClientAddresses;
import io.coterie.http.Fields;
import io.coterie.http.Json;
import io.coterie.http.Principal;
import io.coterie.storage.Database;
import io.coterie.storage.DuplicateKeyException;
import io.javalin.http.Context;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Accounts: registering, logging in, and what a user may do with an account of their own.
 * Thread-safe.
 */
public final class UserHandler implements AutoCloseable {

  /**
   * What the operator decides about accounts.
   *
   * @param maxRegistrations new accounts from one address within an hour; 0 for no limit
   * @param maxLoginFailures for any accounts from one address within a minute; 0 for no limit
   * @param minPasswordLength in characters
   */
  public record Rules(
      boolean registrationOpen,
      int maxRegistrations,
      int maxLoginFailures,
      int minPasswordLength,
      String jwtSecret,
      Duration tokenTtl) {}

  private static final int ANY_LENGTH = Integer.MAX_VALUE;
  private static final String MISSING_LOGIN = "Missing email/password parameter";
  private static final String USER_NOT_FOUND = "User not found";
  private static final String INCORRECT_PASSWORD = "Incorrect password.";

  private record UserView(UUID userId, String email, String role, Instant createdAt) {}

  private final Database database;
  private final UserDao users;
  private final Rules rules;
  private final ClientAddresses addresses;
  private final Deletions deletions;
  private final Consumer<UUID> gone;
  private final Consumer<UUID> loginsRevoked;
  private final Passwords passwords = new Passwords();
  private final Tokens tokens;
  private final LoginAttempts attempts;
  private final Registrations registrations;
  private final Executor responders;

  /**
   * @param gone told of a user whose account was just deleted, to end what goes on in that name
   * @param loginsRevoked told of a user whose earlier logins have just ended
   * @param responders write the answers, so that no hashing waits for a slow client
   */
  public UserHandler(
      Database database,
      Rules rules,
      Clock clock,
      ClientAddresses addresses,
      Deletions deletions,
      Consumer<UUID> gone,
      Consumer<UUID> loginsRevoked,
      Executor responders) {
    this.database = database;
    this.users = database.reader(UserDao.class);
    this.rules = rules;
    this.addresses = addresses;
    this.deletions = deletions;
    this.gone = gone;
    this.loginsRevoked = loginsRevoked;
    this.tokens = new Tokens(users, rules.jwtSecret(), rules.tokenTtl(), clock);
    this.attempts = new LoginAttempts(rules.maxLoginFailures(), clock);
    this.registrations =
        new Registrations(database, rules.registrationOpen(), rules.maxRegistrations(), clock);
    this.responders = responders;
  }

  /** Checks the tokens that {@link #login} gives. */
  public Authentication.Verifier verifier() {
    return tokens;
  }

  public void register(Context ctx) {
    Fields fields = Fields.of(ctx);
    requireLogin(fields);
    String email = Emails.checked(fields.required("email", Emails.MAX_LENGTH, MISSING_LOGIN));
    String password = newPassword(fields, "password", MISSING_LOGIN);
    String network = addresses.network(ctx);
    registrations.check(email, network);
    answer(
        ctx,
        network,
        () -> {
          registrations.check(email, network);
          registrations.register(email, passwords.hash(password), network);
          return body("msg", "User created successfully", "email", email);
        });
  }

  public void login(Context ctx) {
    Fields fields = Fields.of(ctx);
    requireLogin(fields);
    String email = fields.required("email", Emails.MAX_LENGTH, MISSING_LOGIN);
    String password = fields.required("password", ANY_LENGTH, MISSING_LOGIN);
    User user = users.findByEmail(Emails.key(email)).orElseThrow(UserHandler::userNotFound);
    withPassword(
        ctx,
        user,
        password,
        () -> {
          if (user.disabled()) {
            throw ApiException.forbidden("User is disabled");
          }
          return body("access_token", tokens.issue(user));
        });
  }

  public void get(Context ctx) {
    User user = self(ctx);
    ctx.json(
        Map.of("user", new UserView(user.userId(), user.email(), user.role(), user.createdAt())));
  }

  public void update(Context ctx) {
    Fields fields = Fields.of(ctx);
    var email = fields.optional("email", Emails.MAX_LENGTH).map(Emails::checked);
    User user = self(ctx);
    email.ifPresent(
        address -> {
          try {
            database.inTransaction(
                tx ->
                    tx.use(UserDao.class).updateEmail(user.userId(), address, Emails.key(address)));
          } catch (DuplicateKeyException e) {
            throw Registrations.userExists();
          }
        });
    ctx.json(body("msg", "User updated"));
  }

  public void changePassword(Context ctx) {
    String missing = "Missing current_password/new_password parameter";
    Fields fields = Fields.of(ctx);
    if (fields.isMissing("current_password") || fields.isMissing("new_password")) {
      throw ApiException.badRequest(missing);
    }
    String current = fields.required("current_password", ANY_LENGTH, missing);
    String replacement = newPassword(fields, "new_password", missing);
    User user = self(ctx);
    withPassword(
        ctx,
        user,
        current,
        () -> {
          String hash = passwords.hash(replacement);
          int changed =
              database.inTransaction(
                  tx ->
                      tx.use(UserDao.class)
                          .updatePassword(user.userId(), hash, user.tokenVersion()));
          if (changed == 0) {
            throw ApiException.unauthorized("Token has been revoked");
          }
          loginsRevoked.accept(user.userId());
          return body("msg", "Password updated");
        });
  }

  public void delete(Context ctx) {
    Fields fields = Fields.of(ctx);
    String password = fields.required("password", ANY_LENGTH, "Missing password parameter");
    User user = self(ctx);
    withPassword(
        ctx,
        user,
        password,
        () -> {
          deletions.delete(
              Deletions.Kind.USER,
              user.userId(),
              tx -> delete(user, tx.use(UserDao.class)),
              () -> gone.accept(user.userId()));
          return body("msg", "User deleted");
        });
  }

  @Override
  public void close() {
    passwords.close();
  }

  /**
   * The last admin stays while there are others: the next one to register must not become admin of
   * their data.
   */
  private static boolean delete(User user, UserDao dao) {
    dao.lockAdmins();
    boolean others = dao.hasOthers(user.userId());
    if (others && user.role().equals(User.ADMIN) && !dao.hasOtherAdmin(user.userId())) {
      throw ApiException.badRequest("The last admin cannot be deleted");
    }
    boolean there = dao.delete(user.userId()) > 0;
    if (!others) {
      dao.deleteFirstUser();
    }
    return there;
  }

  private User self(Context ctx) {
    Principal principal = Authentication.principal(ctx);
    return users.find(principal.userId()).orElseThrow(UserHandler::userNotFound);
  }

  /**
   * Answers with what {@code work} gives, which is done where the password is right.
   *
   * <p>Passwords from one address are tried one after the other, each only where those before have
   * left room for a failure: many at once get no further than one after the other.
   */
  private void withPassword(
      Context ctx, User user, String password, Supplier<Map<String, String>> work) {
    String network = addresses.network(ctx);
    attempts.check(user.userId(), network);
    answer(
        ctx,
        network,
        () -> {
          attempts.check(user.userId(), network);
          if (!passwords.matches(password, user.passwordHash())) {
            attempts.failed(user.userId(), network);
            throw ApiException.unauthorized(INCORRECT_PASSWORD);
          }
          return work.get();
        });
  }

  private static void requireLogin(Fields fields) {
    if (fields.isMissing("email") || fields.isMissing("password")) {
      throw ApiException.badRequest(MISSING_LOGIN);
    }
  }

  private String newPassword(Fields fields, String name, String missing) {
    String password = fields.required(name, ANY_LENGTH, missing);
    if (!Passwords.fits(password)) {
      throw ApiException.badRequest(
          name + " must be at most " + Passwords.MAX_BYTES + " bytes long in UTF-8");
    }
    if (password.codePointCount(0, password.length()) < rules.minPasswordLength()) {
      throw ApiException.badRequest(
          name + " must be at least " + rules.minPasswordLength() + " characters long");
    }
    return password;
  }

  private void answer(Context ctx, String network, Supplier<Map<String, String>> work) {
    CompletableFuture<String> json =
        passwords
            .submit(network, () -> Json.write(work.get()))
            .whenCompleteAsync((text, failure) -> {}, responders);
    ctx.future(() -> json.thenAccept(text -> ctx.contentType("application/json").result(text)));
  }

  private static Map<String, String> body(String... pairs) {
    Map<String, String> body = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      body.put(pairs[i], pairs[i + 1]);
    }
    return body;
  }

  private static ApiException userNotFound() {
    return ApiException.notFound(USER_NOT_FOUND);
  }
}
