package org.openmmp.proxy.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.routing.StoreStep;

/** Tokens of a protocol in any order, in packets of any size; the seeds are fixed. */
public final class TokenSoup {
  private static final int SEEDS = 3000;
  private static final int PACKETS = 40;

  private final String[] tokens;

  public TokenSoup(String... tokens) {
    this.tokens = tokens;
  }

  /**
   * Nothing is said after the end, and no more is kept than that.
   *
   * @param mostBuffered in octets
   */
  public void pourOnClients(Supplier<ClientDialogue> made, int mostBuffered) {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      ClientDialogue dialogue = made.get();
      boolean closed = false;
      for (int packet = 0; packet < PACKETS; packet++) {
        List<SessionStep> steps = dialogue.onBytes(next(random));
        assertTrue(!closed || steps.isEmpty(), "nothing is said after the end, seed " + seed);
        while (wantsLogin(steps)) {
          steps = dialogue.refuse(LoginFailure.NO_STORE_ANSWERED, null);
        }
        closed |= steps.stream().anyMatch(step -> step instanceof SessionStep.Close);
        assertTrue(dialogue.buffered() < mostBuffered, "bounded, seed " + seed);
      }
    }
  }

  /**
   * There is one answer at the most, and the rest is given once.
   *
   * @param made by seed, greeted
   */
  public void pourOnStores(IntFunction<StoreDialogue> made) {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      StoreDialogue dialogue = made.apply(seed);
      int answers = 0;
      for (int packet = 0; packet < PACKETS; packet++) {
        for (StoreStep step : dialogue.onBytes(next(random))) {
          answers += step instanceof StoreDialogue.Answered ? 1 : 0;
        }
      }
      assertTrue(answers <= 1, "one answer, seed " + seed);
      dialogue.leftOver();
      assertEquals(0, dialogue.leftOver().length);
    }
  }

  private static boolean wantsLogin(List<SessionStep> steps) {
    return !steps.isEmpty() && steps.get(steps.size() - 1) instanceof SessionStep.LogIn;
  }

  private byte[] next(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(6); i >= 0; i--) {
      text.append(tokens[random.nextInt(tokens.length)]);
    }
    return DialogueFixtures.octets(text.toString());
  }
}
