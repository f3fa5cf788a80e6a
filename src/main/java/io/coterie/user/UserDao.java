package io.coterie.user;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(User.class)
interface UserDao {

  @SqlQuery(
      """
      SELECT user_id, email, password_hash, role, disabled, token_version, created_at
      FROM users WHERE user_id = :userId
      """)
  Optional<User> find(UUID userId);

  @SqlQuery(
      """
      SELECT user_id, email, password_hash, role, disabled, token_version, created_at
      FROM users WHERE email_key = :emailKey
      """)
  Optional<User> findByEmail(String emailKey);

  @SqlQuery("SELECT COUNT(*) FROM first_user")
  int countFirstUser();

  @SqlUpdate("INSERT INTO first_user (id, user_id) VALUES (1, :userId)")
  void insertFirstUser(UUID userId);

  @SqlUpdate("DELETE FROM first_user")
  void deleteFirstUser();

  @SqlUpdate(
      """
      INSERT INTO users (user_id, email, email_key, password_hash, role, disabled, token_version, created_at)
      VALUES (:userId, :email, :emailKey, :passwordHash, :role, FALSE, 0, :createdAt)
      """)
  void insert(
      UUID userId,
      String email,
      String emailKey,
      String passwordHash,
      String role,
      Instant createdAt);

  @SqlUpdate("UPDATE users SET email = :email, email_key = :emailKey WHERE user_id = :userId")
  int updateEmail(UUID userId, String email, String emailKey);

  @SqlUpdate(
      """
      UPDATE users SET password_hash = :passwordHash, token_version = token_version + 1
      WHERE user_id = :userId AND token_version = :tokenVersion
      """)
  int updatePassword(UUID userId, String passwordHash, int tokenVersion);

  @SqlQuery(
      """
      SELECT EXISTS (
        SELECT 1 FROM users WHERE role = 'admin' AND disabled = FALSE AND user_id <> :userId)
      """)
  boolean hasOtherAdmin(UUID userId);

  @SqlQuery("SELECT EXISTS (SELECT 1 FROM users WHERE user_id <> :userId)")
  boolean hasOthers(UUID userId);

  @SqlUpdate("DELETE FROM users WHERE user_id = :userId")
  int delete(UUID userId);

  @SqlQuery(
      """
      SELECT user_id, email, password_hash, role, disabled, token_version, created_at
      FROM users ORDER BY user_id
      """)
  List<User> all();

  /**
   * Held until the transaction ends by everything that could leave the server without an admin. The
   * row stands for all of them, so that nobody has to lock one user after the other.
   */
  @SqlQuery("SELECT user_id FROM first_user WHERE id = 1 FOR UPDATE")
  Optional<UUID> lockAdmins();

  @SqlUpdate("UPDATE users SET role = :role WHERE user_id = :userId")
  int updateRole(UUID userId, String role);

  /** Ends the tokens of an enabled user for good: they do not come back with the user. */
  @SqlUpdate(
      """
      UPDATE users SET disabled = TRUE, token_version = token_version + 1
      WHERE user_id = :userId AND disabled = FALSE
      """)
  int disable(UUID userId);

  @SqlUpdate("UPDATE users SET disabled = FALSE WHERE user_id = :userId")
  int enable(UUID userId);
}
