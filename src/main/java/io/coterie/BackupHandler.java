package io.coterie;

import io.coterie.http.ApiException;
import io.coterie.storage.BackupRequests;
import io.coterie.storage.Backups;
import io.coterie.storage.UnwritableException;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Backups that an admin asks for over HTTP. Thread-safe. */
final class BackupHandler {

  private final BackupRequests.Writer backups;

  BackupHandler(BackupRequests.Writer backups) {
    this.backups = backups;
  }

  /** {@code POST /admin/backup}: answers when the backup is on the disk. */
  void backup(Context ctx) throws IOException {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("msg", "Backup written");
    try {
      Backups.Backup backup = backups.write();
      answer.put("file", backup.name());
      answer.put("bytes", backup.bytes());
    } catch (Backups.BusyException e) {
      throw new ApiException(409, "Another backup is being written");
    } catch (UnwritableException e) {
      throw ApiException.cannotStore(); // The log has a line on it.
    } catch (UnsupportedOperationException e) {
      throw new ApiException(409, "The database is not kept in a plain file");
    }
    ctx.json(answer);
  }
}
