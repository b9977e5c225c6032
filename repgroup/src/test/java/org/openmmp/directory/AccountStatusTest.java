package org.openmmp.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AccountStatusTest {
  // B1.4
  @ParameterizedTest
  @CsvSource({
    "'',         ACTIVE,    FOUND,    250, 2.1.5",
    "active,     ACTIVE,    FOUND,    250, 2.1.5",
    "' Active ', ACTIVE,    FOUND,    250, 2.1.5",
    "overquota,  OVERQUOTA, FOUND,    250, 2.1.5",
    "inactive,   INACTIVE,  INACTIVE, 451, 4.2.1",
    "hold,       HOLD,      INACTIVE, 451, 4.2.1",
    "defer,      DEFER,     INACTIVE, 451, 4.2.1",
    "DISABLED,   DISABLED,  DISABLED, 550, 5.2.1",
    "deleted,    DELETED,   DISABLED, 550, 5.1.1",
    "removed,    REMOVED,   DISABLED, 550, 5.1.1",
    "unused,     INACTIVE,  INACTIVE, 451, 4.2.1",
    "active2,    INACTIVE,  INACTIVE, 451, 4.2.1",
  })
  void wordHasItsAnswers(
      String word, AccountStatus status, LookupResult.Kind kind, int code, String enhanced) {
    AccountStatus found = AccountStatus.of(word);
    assertEquals(status, found);
    assertEquals(kind, found.kind());
    assertEquals(code, found.lmtpCode());
    assertEquals(enhanced, found.lmtpEnhancedCode());
  }

  // B1.4
  @Test
  void strictestWins() {
    assertEquals(AccountStatus.DISABLED, AccountStatus.DISABLED.or(AccountStatus.ACTIVE));
    assertEquals(AccountStatus.REMOVED, AccountStatus.INACTIVE.or(AccountStatus.REMOVED));
    assertEquals(AccountStatus.INACTIVE, AccountStatus.OVERQUOTA.or(AccountStatus.INACTIVE));
  }
}
