package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openmmp.directory.Directory;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;

/** A directory is closed behind the last question that was put to it (rule B7.3). */
class DirectoryInUseTest {
  private static final LookupRequest ANY =
      new LookupRequest("ada", "", "imap", true, "192.0.2.1", "192.0.2.2");

  private static final class Slow implements Directory {
    private final CompletableFuture<LookupResult> answer = new CompletableFuture<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public CompletionStage<LookupResult> lookUp(LookupRequest request) {
      return answer;
    }

    @Override
    public CompletionStage<BindResult> bind(LookupResult user, byte[] password) {
      return CompletableFuture.completedFuture(BindResult.ACCEPTED);
    }

    @Override
    public boolean preAuthenticates(String login) {
      return false;
    }

    @Override
    public String identityOf(String typed, String defaultDomain) {
      return typed;
    }

    @Override
    public void forget(String login) {}

    @Override
    public void forgetAll() {}

    @Override
    public void close() {
      closed.countDown();
    }
  }

  @Test
  void questionUnderWayIsAnsweredByTheFormerOneWhichIsClosedThen() throws Exception {
    Slow former = new Slow();
    Slow other = new Slow();
    CountDownLatch told = new CountDownLatch(1);
    DirectoryInUse directory = new DirectoryInUse(former);
    CompletionStage<LookupResult> underWay = directory.lookUp(ANY);
    directory.become(other, false, told::countDown);
    assertSame(former.answer, underWay);
    assertSame(other.answer, directory.lookUp(ANY));
    assertEquals(1, former.closed.getCount());
    former.answer.complete(LookupResult.failed(LookupResult.Kind.NO_SUCH_USER, "ada", ""));
    assertEquals(true, told.await(30, TimeUnit.SECONDS));
    assertEquals(0, former.closed.getCount());
    assertFalse(other.answer.isDone());
    assertEquals(1, other.closed.getCount());
  }
}
