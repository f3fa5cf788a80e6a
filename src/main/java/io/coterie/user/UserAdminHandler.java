package io.coterie.user;

import io.coterie.http.ApiException;
import io.coterie.http.Authentication;
import io.coterie.http.Fields;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import io.coterie.storage.Tx;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** What an administrator does with the accounts of others, and with their own. Thread-safe. */
public final class UserAdminHandler {

  private static final int MAX_ROLE = 200;

  private record AccountView(
      UUID userId, String email, String role, boolean disabled, Instant createdAt) {

    static AccountView of(User user) {
      return new AccountView(
          user.userId(), user.email(), user.role(), user.disabled(), user.createdAt());
    }
  }

  private final Database database;
  private final UserDao users;
  private final Consumer<UUID> disabling;

  /**
   * @param disabling told of a user who was just disabled, to end what goes on in that user's name
   */
  public UserAdminHandler(Database database, Consumer<UUID> disabling) {
    this.database = database;
    this.users = database.reader(UserDao.class);
    this.disabling = disabling;
  }

  /** All accounts, oldest first. */
  public void list(Context ctx) {
    List<AccountView> accounts = users.all().stream().map(AccountView::of).toList();
    ctx.json(Map.of("users", accounts));
  }

  /** Disables or enables an account, changes its role, or both; what is left out stays. */
  public void update(Context ctx) {
    Fields fields = Fields.of(ctx);
    Optional<Boolean> disabled = fields.optionalBoolean("disabled");
    Optional<String> role = role(fields);
    UUID userId = Ids.parse(ctx.pathParam("user_id")).orElseThrow(UserAdminHandler::userNotFound);
    UUID adminId = Authentication.principal(ctx).userId();
    boolean nowDisabled = database.inTransaction(tx -> change(tx, adminId, userId, disabled, role));
    if (nowDisabled && disabled.isPresent()) {
      disabling.accept(userId);
    }
    ctx.json(Map.of("msg", "User updated"));
  }

  /**
   * Changes of who is an admin happen one after the other, each asked for by somebody who still is
   * one: two admins who demote each other at once must not both succeed.
   */
  private static boolean change(
      Tx tx, UUID adminId, UUID userId, Optional<Boolean> disabled, Optional<String> role) {
    UserDao dao = tx.use(UserDao.class);
    dao.lockAdmins();
    requireAdmin(dao, adminId);
    User user = dao.find(userId).orElseThrow(UserAdminHandler::userNotFound);
    boolean willBeDisabled = disabled.orElse(user.disabled());
    String newRole = role.orElse(user.role());
    boolean wasAdmin = user.role().equals(User.ADMIN) && !user.disabled();
    boolean staysAdmin = newRole.equals(User.ADMIN) && !willBeDisabled;
    if (wasAdmin && !staysAdmin && !dao.hasOtherAdmin(userId)) {
      throw ApiException.badRequest(
          "The last admin cannot be " + (willBeDisabled ? "disabled" : "demoted"));
    }
    dao.updateRole(userId, newRole);
    if (willBeDisabled) {
      dao.disable(userId);
      tx.use(ApiKeyDao.class).deleteOfUser(userId);
    } else {
      dao.enable(userId);
    }
    return willBeDisabled;
  }

  private static void requireAdmin(UserDao dao, UUID adminId) {
    User admin =
        dao.find(adminId).filter(user -> !user.disabled()).orElseThrow(ApiKeys::revokedCredentials);
    if (!admin.role().equals(User.ADMIN)) {
      throw ApiException.forbidden("Admin only");
    }
  }

  private static Optional<String> role(Fields fields) {
    Optional<String> role = fields.optional("role", MAX_ROLE);
    if (role.isPresent() && !List.of(User.USER, User.ADMIN).contains(role.get())) {
      throw ApiException.badRequest("role must be " + User.USER + " or " + User.ADMIN);
    }
    return role;
  }

  private static ApiException userNotFound() {
    return ApiException.notFound("User not found");
  }
}
