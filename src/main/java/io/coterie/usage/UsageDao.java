package io.coterie.usage;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

@RegisterConstructorMapper(UsageDao.DayRow.class)
interface UsageDao {

  /** What is added to a day; {@code model} is empty where there is none. */
  record Addition(String agentId, String model, long inputTokens, long outputTokens, long millis) {}

  record DayRow(
      LocalDate usedOn,
      String agentId,
      String model,
      long runs,
      long inputTokens,
      long outputTokens,
      long timeMs) {}

  @SqlBatch(
      """
      MERGE INTO usage_days u
      USING (SELECT CAST(:userId AS UUID) AS user_id, CAST(:day AS DATE) AS used_on,
        CAST(:agentId AS VARCHAR(400)) AS agent_id, CAST(:model AS VARCHAR(300)) AS model) s
      ON u.user_id = s.user_id AND u.used_on = s.used_on AND u.agent_id = s.agent_id AND u.model = s.model
      WHEN MATCHED THEN UPDATE SET runs = u.runs + 1, input_tokens = u.input_tokens + :inputTokens,
        output_tokens = u.output_tokens + :outputTokens, time_ms = u.time_ms + :millis
      WHEN NOT MATCHED THEN
        INSERT (user_id, used_on, agent_id, model, runs, input_tokens, output_tokens, time_ms)
        VALUES (s.user_id, s.used_on, s.agent_id, s.model, 1, :inputTokens, :outputTokens, :millis)
      """)
  void add(UUID userId, LocalDate day, @BindMethods Iterable<Addition> additions);

  /** Holds the user's row until the transaction ends, so that the account stays meanwhile. */
  @SqlQuery("SELECT TRUE FROM users WHERE user_id = :userId FOR UPDATE")
  List<Boolean> lockUser(UUID userId);

  @SqlQuery(
      """
      SELECT used_on, agent_id, model, runs, input_tokens, output_tokens, time_ms FROM usage_days
      WHERE user_id = :userId AND used_on >= :from AND used_on <= :to
      ORDER BY used_on DESC, agent_id, model
      """)
  List<DayRow> between(UUID userId, LocalDate from, LocalDate to);

  @SqlQuery(
      """
      SELECT COALESCE(SUM(input_tokens + output_tokens), 0) FROM usage_days
      WHERE user_id = :userId AND used_on = :day
      """)
  long tokensOn(UUID userId, LocalDate day);
}
