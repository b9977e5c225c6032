package org.openmmp.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AccountStatusTest {
  // B1.4
  @ParameterizedTest
  @CsvSource({
    "'',         ACTIVE,    FOUND",
    "active,     ACTIVE,    FOUND",
    "' Active ', ACTIVE,    FOUND",
    "overquota,  OVERQUOTA, FOUND",
    "inactive,   INACTIVE,  INACTIVE",
    "hold,       HOLD,      INACTIVE",
    "defer,      DEFER,     INACTIVE",
    "DISABLED,   DISABLED,  DISABLED",
    "deleted,    DELETED,   DELETED",
    "removed,    REMOVED,   DELETED",
    "unused,     INACTIVE,  INACTIVE",
    "active2,    INACTIVE,  INACTIVE",
  })
  void wordHasItsMeaning(String word, AccountStatus status, LookupResult.Kind kind) {
    AccountStatus found = AccountStatus.of(word);
    assertEquals(status, found);
    assertEquals(kind, found.kind());
  }

  // B1.4
  @Test
  void strictestWins() {
    assertEquals(AccountStatus.DISABLED, AccountStatus.DISABLED.or(AccountStatus.ACTIVE));
    assertEquals(AccountStatus.REMOVED, AccountStatus.INACTIVE.or(AccountStatus.REMOVED));
    assertEquals(AccountStatus.INACTIVE, AccountStatus.OVERQUOTA.or(AccountStatus.INACTIVE));
  }
}
