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
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.config.LmtpConfig;

/** A message is received once and read often, in bounded memory (B5.7, B5.9, L9). */
final class MessageSpoolTest {
  private static final int MEMORY = 100;
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
    return new MessageSpool(new LmtpConfig.Spool(MEMORY, Optional.of(directory), LIMIT));
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

  private static AppendResult append(MessageSpool spool, String text) {
    byte[] octets = ("<" + text + ">").getBytes(US_ASCII);
    return spool.append(octets, 1, octets.length - 1);
  }

  private static String readAll(MessageSpool.Reader reader) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(LIMIT);
    reader.read(into);
    return new String(into.array(), 0, into.position(), US_ASCII);
  }

  @Test
  void shortMessageStaysInMemory() throws IOException {
    try (MessageSpool spool = spool()) {
      assertTrue(spool.fitsMemory(MEMORY));
      assertEquals(AppendResult.STORED, append(spool, "a".repeat(60)));
      assertEquals(AppendResult.STORED, append(spool, "b".repeat(40)));

      assertTrue(spool.inMemory());
      assertFalse(spool.fitsMemory(1));
      assertEquals(MEMORY, spool.length());
      assertEquals("a".repeat(60) + "b".repeat(40), readAll(spool.reader()));
      assertEquals(List.of(), descriptors());
    }
  }

  @Test
  void longMessageGoesToOneFileThatHasNoNameAndOneOwner() throws IOException {
    try (MessageSpool spool = spool()) {
      append(spool, "a".repeat(MEMORY));
      append(spool, "b");
      append(spool, "c".repeat(500));

      assertFalse(spool.inMemory());
      assertEquals("a".repeat(MEMORY) + "b" + "c".repeat(500), readAll(spool.reader()));
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
  void messageLargerThanMemoryGoesToTheFileAtOnce() throws IOException {
    try (MessageSpool spool = spool()) {
      append(spool, "x".repeat(700));

      assertFalse(spool.inMemory());
      assertEquals("x".repeat(700), readAll(spool.reader()));
    }
  }

  @Test
  void readersHaveTheirOwnPlacesWhileTheMessageGrows() throws IOException {
    try (MessageSpool spool = spool()) {
      MessageSpool.Reader first = spool.reader();
      MessageSpool.Reader second = spool.reader();
      assertEquals("", readAll(first));

      append(spool, "one ");
      assertEquals("one ", readAll(first));
      append(spool, "two ".repeat(40));
      assertEquals(160, first.available());
      assertEquals("two ".repeat(40), readAll(first));
      assertEquals("one " + "two ".repeat(40), readAll(second));
      assertEquals("", readAll(second));

      MessageSpool.Reader replacement = spool.reader();
      assertEquals(0, replacement.position());
      assertEquals(164, replacement.available());
      ByteBuffer three = ByteBuffer.allocate(3);
      assertEquals(3, replacement.read(three));
      assertEquals(0, replacement.read(three));
      assertEquals(3, replacement.position());
    }
  }

  @Test
  void whatIsReadIsWhatWasAppendedWhateverThePieces() throws IOException { // B5.8
    Random random = new Random(5321);
    for (int run = 0; run < 300; run++) {
      try (MessageSpool spool = spool()) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        MessageSpool.Reader reader = spool.reader();
        for (int piece = 0; piece < 12; piece++) {
          byte[] octets = new byte[random.nextInt(80)];
          random.nextBytes(octets);
          assertEquals(AppendResult.STORED, spool.append(octets, 0, octets.length));
          message.write(octets, 0, octets.length);
          ByteBuffer into = ByteBuffer.allocate(random.nextInt(120));
          reader.read(into);
          read.write(into.array(), 0, into.position());
        }
        ByteBuffer rest = ByteBuffer.allocateDirect(LIMIT);
        reader.read(rest);
        byte[] octets = new byte[rest.flip().remaining()];
        rest.get(octets);
        read.write(octets, 0, octets.length);
        assertArrayEquals(message.toByteArray(), read.toByteArray());
      }
    }
  }

  @Test
  void readersOnOtherThreadsSeeEveryOctetOnce() throws Exception {
    int length = 3_000_000;
    byte[] message = new byte[length];
    new Random(1).nextBytes(message);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try (MessageSpool spool = new MessageSpool(100_000, length, SpoolFile.in(directory))) {
      Callable<byte[]> readAll = () -> readUpTo(spool.reader(), length);
      List<Future<byte[]>> readers =
          List.of(threads.submit(readAll), threads.submit(readAll), threads.submit(readAll));
      for (int at = 0; at < length; at += 1000) {
        assertEquals(AppendResult.STORED, spool.append(message, at, at + 1000));
      }
      for (Future<byte[]> reader : readers) {
        assertArrayEquals(message, reader.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static byte[] readUpTo(MessageSpool.Reader reader, int length) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(length);
    while (all.hasRemaining()) {
      if (reader.read(all) == 0) {
        Thread.onSpinWait();
      }
    }
    return all.array();
  }

  @Test
  void messageOverTheLimitIsGivenUp() throws IOException {
    try (MessageSpool spool = spool()) {
      assertEquals(AppendResult.STORED, append(spool, "x".repeat(LIMIT)));
      assertEquals(AppendResult.OVER_LIMIT, append(spool, "x"));

      assertEquals(List.of(), descriptors());
      assertEquals(AppendResult.CLOSED, append(spool, "x"));
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
    try (MessageSpool spool = new MessageSpool(MEMORY, LIMIT, full)) {
      assertEquals(AppendResult.STORED, append(spool, "x".repeat(MEMORY)));
      assertEquals(AppendResult.NO_ROOM, append(spool, "x"));

      assertEquals(0, spool.length());
      assertFalse(opened.get(0).isOpen());
    }
  }

  @Test
  void directoryThatIsNotThereIsTheSameFailure() {
    Path missing = directory.resolve("missing");
    try (MessageSpool spool = new MessageSpool(0, LIMIT, SpoolFile.in(missing))) {
      assertEquals(AppendResult.NO_ROOM, append(spool, "x"));
      assertTrue(spool.trouble().contains(missing.toString()), spool.trouble());
    }
  }

  @Test
  void closeFreesTheFileAndReadersFail() throws IOException {
    MessageSpool spool = spool();
    append(spool, "x".repeat(200));
    MessageSpool.Reader reader = spool.reader();
    assertEquals(1, descriptors().size());

    spool.close();
    spool.close();

    assertEquals(List.of(), descriptors());
    assertThrows(IOException.class, () -> reader.read(ByteBuffer.allocate(1)));
    assertEquals(AppendResult.CLOSED, append(spool, "x"));
  }

  @Test
  void closeWhileAFileIsOpenedFreesThatToo() throws IOException {
    MessageSpool[] spool = new MessageSpool[1];
    SpoolFile closing =
        () -> {
          spool[0].close();
          return SpoolFile.in(directory).open();
        };
    spool[0] = new MessageSpool(MEMORY, LIMIT, closing);

    assertEquals(AppendResult.CLOSED, append(spool[0], "x".repeat(200)));
    assertEquals(List.of(), descriptors());
  }
}
