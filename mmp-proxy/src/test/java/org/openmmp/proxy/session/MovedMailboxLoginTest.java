package org.openmmp.proxy.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Kind;
import org.openmmp.repgroup.AttemptOutcome;

/** No login is refused because of what is remembered of the directory (B1.10). */
class MovedMailboxLoginTest {
  private final SessionRig rig = new SessionRig();
  private final TestClient client = rig.client();

  private void atTheDucksFromMemory() {
    client.logIn();
    client.remembered(FakeDirectory.userAt("ducks"));
  }

  private LookupRequest.Memory asked() {
    return Objects.requireNonNull(client.asked).memory();
  }

  private String heard() {
    if (client.state() == SessionState.DELAYING) {
      client.passToDeadline();
    }
    return client.heard();
  }

  @Test // B1.10
  void loginOfAMailboxThatHasMovedBeginsAgainThere() {
    atTheDucksFromMemory();
    client.ends(AttemptOutcome.AUTH_REJECTED);
    assertEquals(SessionState.LOOKING_UP, client.state());
    assertEquals(LookupRequest.Memory.DOUBTED, asked());
    assertEquals(1, client.hangUps);
    client.found("lonely.example");
    assertEquals(List.of("huey", "lonely.example"), client.dialled);
    client.accepts();
    assertEquals("hello\nyes welcome\n", client.heard());
  }

  @Test // B1.10, B3.10: a former store may have words of its own for it
  void loginThatAStoreRefusesInWordsOfItsOwnBeginsAgainWhereTheMailboxIs() {
    atTheDucksFromMemory();
    client.ends(AttemptOutcome.USER_REFUSED);
    assertEquals(LookupRequest.Memory.DOUBTED, asked());
    client.found("lonely.example");
    client.accepts();
    assertEquals("hello\nyes welcome\n", client.heard());
  }

  @Test // B1.10, B3.10
  void refusalInAStoresOwnWordsStandsForAMailboxThatIsStillThere() {
    atTheDucksFromMemory();
    client.ends(AttemptOutcome.USER_REFUSED);
    client.found("ducks");
    assertEquals("hello\nno REFUSED_BY_STORE\n", heard());
    assertEquals(List.of("huey"), client.dialled);
  }

  @Test // B1.10: once
  void secondRefusalIsFinal() {
    atTheDucksFromMemory();
    client.ends(AttemptOutcome.AUTH_REJECTED);
    client.remembered(FakeDirectory.userAt("lonely.example"));
    client.ends(AttemptOutcome.AUTH_REJECTED);
    assertEquals("hello\nno BAD_CREDENTIALS\n", heard());
  }

  @Test // B1.10
  void wrongPasswordOfAMailboxThatIsStillThereIsOne() {
    atTheDucksFromMemory();
    client.ends(AttemptOutcome.AUTH_REJECTED);
    client.found("ducks");
    assertEquals("hello\nno BAD_CREDENTIALS\n", heard());
    assertEquals(List.of("huey"), client.dialled);
  }

  @Test // B1.10
  void storesRefusalStandsWhenTheDirectoryDoesNotAnswer() {
    atTheDucksFromMemory();
    client.ends(AttemptOutcome.AUTH_REJECTED);
    client.lookedUp(LookupResult.failed(Kind.DIRECTORY_DOWN, "bob@example.org", "down"));
    assertEquals("hello\nno BAD_CREDENTIALS\n", heard());
  }

  @Test // B1.10
  void storesRefusalStandsWhenTheDirectoryIsSilentToTheEndOfTheLogin() {
    atTheDucksFromMemory();
    client.ends(AttemptOutcome.AUTH_REJECTED);
    client.passToDeadline();
    assertEquals("hello\nno BAD_CREDENTIALS\n", heard());
  }

  @ParameterizedTest // B1.10
  @EnumSource(names = {"NO_SUCH_USER", "DELETED", "DISABLED", "NOT_ALLOWED"})
  void refusalThatWasRememberedIsCheckedBeforeItIsTold(Kind kind) {
    client.logIn();
    client.remembered(LookupResult.failed(kind, "bob@example.org", "once"));
    client.found("ducks");
    client.accepts();
    assertEquals("hello\nyes welcome\n", client.heard());
  }

  @Test // B1.10
  void refusalThatWasRememberedIsTemporaryWhenTheDirectoryDoesNotAnswer() {
    client.logIn();
    client.remembered(LookupResult.failed(Kind.DISABLED, "bob@example.org", "once"));
    client.lookedUp(LookupResult.failed(Kind.DIRECTORY_DOWN, "bob@example.org", "down"));
    assertEquals("hello\nno DIRECTORY_DOWN\n", heard());
  }

  @Test // B1.10, B1.8: an entry that was moved is bound by its new name
  void refusedBindByARememberedEntryIsCheckedToo() {
    rig.directory.preAuthenticates = true;
    atTheDucksFromMemory();
    client.boundAs(BindResult.REJECTED);
    client.found("lonely.example");
    client.boundAs(BindResult.ACCEPTED);
    assertEquals(List.of("lonely.example"), client.dialled);
  }

  @Test // B1.10
  void refusalAfterAFreshAnswerIsToldAtOnce() {
    client.logIn();
    client.found("ducks");
    client.ends(AttemptOutcome.AUTH_REJECTED);
    assertEquals("hello\nno BAD_CREDENTIALS\n", heard());
  }
}
