package org.openmmp.lmtp.spool;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.config.LmtpConfig;

/** A message is received once and read often, in bounded memory (B5.7, B5.9, L9). */
final class MessageSpoolTest {
  private static final int LIMIT = 1000;

  @TempDir private Path directory;

  @AfterEach
  void nothingIsLeftBehind() throws IOException {
    assertEquals(List.of(), descriptors());
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(0, files.count());
    }
  }

  private MessageSpool spool() {
    return new MessageSpool(new LmtpConfig.Spool(0, Optional.of(directory), LIMIT));
  }

  /** The process's open files of the directory, those without a name as well. */
  private List<Path> descriptors() throws IOException {
    List<Path> open = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : all.toList()) {
        if (Files.isSymbolicLink(descriptor)
            && Files.readSymbolicLink(descriptor).startsWith(directory.toRealPath())) {
          open.add(descriptor);
        }
      }
    }
    return open;
  }

  private static boolean append(MessageSpool spool, String text) {
    return spool.append(US_ASCII.encode(text));
  }

  private static String read(MessageSpool spool, int from, int to) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(to - from);
    spool.read(from, into);
    return new String(into.array(), US_ASCII);
  }

  @Test
  void thereIsOneFileThatHasNoNameAndOneOwner() throws IOException {
    try (MessageSpool spool = spool()) {
      assertEquals(List.of(), descriptors());
      append(spool, "a".repeat(LIMIT / 2));
      append(spool, "b");
      append(spool, "c".repeat(500));

      assertEquals("a".repeat(LIMIT / 2) + "b" + "c".repeat(500), read(spool, 0, LIMIT / 2 + 501));
      List<Path> open = descriptors();
      assertEquals(1, open.size());
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(open.get(0))));
      try (Stream<Path> named = Files.list(directory)) {
        assertEquals(0, named.count());
      }
    }
  }

  @Test
  void whatWasNotAppendedCannotBeRead() throws IOException {
    try (MessageSpool spool = spool()) {
      assertThrows(IOException.class, () -> read(spool, 0, 1));
      append(spool, "one two");
      assertEquals("two", read(spool, 4, 7));
      assertThrows(IOException.class, () -> read(spool, 4, 8));
    }
  }

  @Test
  void whatIsReadIsWhatWasAppendedWhateverThePieces() throws IOException { // B5.8
    Random random = new Random(5321);
    for (int run = 0; run < 300; run++) {
      try (MessageSpool spool = spool()) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        for (int batch = 0; batch < 4; batch++) {
          ByteBuffer[] pieces = new ByteBuffer[1 + random.nextInt(4)];
          for (int i = 0; i < pieces.length; i++) {
            byte[] octets = new byte[random.nextInt(80)];
            random.nextBytes(octets);
            pieces[i] = ByteBuffer.wrap(octets);
            message.write(octets, 0, octets.length);
          }
          assertTrue(spool.append(pieces));
          int from = random.nextInt(message.size() + 1);
          ByteBuffer rest = ByteBuffer.allocateDirect(message.size() - from);
          spool.read(from, rest);
          byte[] octets = new byte[rest.flip().remaining()];
          rest.get(octets);
          assertArrayEquals(
              Arrays.copyOfRange(message.toByteArray(), from, message.size()), octets);
        }
      }
    }
  }

  @Test
  void fullDiskIsADefinedFailure() throws IOException {
    List<FileChannel> opened = new ArrayList<>();
    SpoolFile full =
        () -> {
          Path device = Path.of("/dev/full");
          opened.add(FileChannel.open(device, StandardOpenOption.READ, StandardOpenOption.WRITE));
          return opened.get(0);
        };
    try (MessageSpool spool = new MessageSpool(full)) {
      assertFalse(append(spool, "x"));

      assertTrue(spool.trouble().contains("No space left"), spool.trouble());
      assertFalse(opened.get(0).isOpen());
    }
  }

  @Test
  void directoryThatIsNotThereIsTheSameFailure() {
    Path missing = directory.resolve("missing");
    try (MessageSpool spool = new MessageSpool(SpoolFile.in(missing))) {
      assertFalse(append(spool, "x"));
      assertTrue(spool.trouble().contains(missing.toString()), spool.trouble());
    }
  }

  @Test
  void closeFreesTheFileAndReadersFail() throws IOException {
    MessageSpool spool = spool();
    append(spool, "x".repeat(200));
    assertEquals(1, descriptors().size());

    spool.close();
    spool.close();

    assertEquals(List.of(), descriptors());
    assertThrows(IOException.class, () -> read(spool, 0, 1));
    assertFalse(append(spool, "x"));
    assertEquals("", spool.trouble());
  }

  @Test
  void closeWhileAFileIsOpenedFreesThatToo() throws IOException {
    MessageSpool[] spool = new MessageSpool[1];
    SpoolFile closing =
        () -> {
          spool[0].close();
          return SpoolFile.in(directory).open();
        };
    spool[0] = new MessageSpool(closing);

    assertFalse(append(spool[0], "x".repeat(200)));
    assertEquals("", spool[0].trouble());
    assertEquals(List.of(), descriptors());
  }
}
