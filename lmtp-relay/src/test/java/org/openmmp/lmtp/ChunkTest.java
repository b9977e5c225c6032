package org.openmmp.lmtp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChunkTest {
  @TempDir Path directory;

  // B5.1, B5.8: what came in chunks goes on in chunks, every octet as it was
  @Test
  void messageInChunksIsExactAtAStoreThatTakesChunks() throws Exception {
    try (RelaySite site = new RelaySite(directory, "openmmp.lmtp.spool.memory = 1000");
        LmtpLine client = site.client()) {
      site.huey.behaviour = ChunkTest::serveChunks;
      client.say("MAIL FROM:<s@test>", "RCPT TO:<ducks-a@test>", "RCPT TO:<geese-g@test>");
      client.replies(3);
      String first = ".\r\n" + "x".repeat(70_000) + "\r\n.";
      client.send("BDAT " + first.length() + "\r\n" + first);
      assertEquals("250 2.0.0 " + first.length() + " octets received", client.reply());
      client.send("BDAT 4 LAST\r\n\0\u00ffno");
      assertEquals(
          List.of("250 2.0.0 took it in chunks", "250 2.0.0 message 1, recipient 1"),
          client.replies(2));
      assertEquals(List.of(first + "\0\u00ffno"), site.huey.messages);
      // behind DATA a line end has to be added, and dots are stuffed
      assertEquals(List.of("." + first + ".\0\u00ffno\r\n"), site.gus.messages);
    }
  }

  private static void serveChunks(HandStore store, LmtpLine client) throws IOException {
    client.say("220 store LMTP ready");
    StringBuilder message = new StringBuilder();
    for (String line = client.line(); ; line = client.line()) {
      if (line.startsWith("BDAT ")) {
        boolean last = line.endsWith(" LAST");
        String count = line.substring("BDAT ".length()).replace(" LAST", "");
        message.append(client.octets(Integer.parseInt(count)));
        client.say(last ? "250 2.0.0 took it in chunks" : "250 2.0.0 chunk");
        if (last) {
          store.messages.add(message.toString());
        }
      } else if (line.startsWith("LHLO")) {
        client.say("250-store", "250-PIPELINING", "250 CHUNKING");
      } else {
        client.say(store.answer(line));
      }
    }
  }
}
