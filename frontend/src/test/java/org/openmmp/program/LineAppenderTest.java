package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rule B8.8: the log holds nobody up, and what it could not take is counted and told. */
class LineAppenderTest {
  private static final int ROOM = 64;

  private final LoggerContext context = new LoggerContext();

  @AfterEach
  void stop() {
    context.stop();
  }

  private Logger logger(OutputStream target) {
    PatternLayoutEncoder form = new PatternLayoutEncoder();
    form.setContext(context);
    form.setCharset(StandardCharsets.UTF_8);
    form.setPattern("%level %msg%n");
    form.start();
    LineAppender lines = new LineAppender(target, ROOM);
    lines.setContext(context);
    lines.setEncoder(form);
    lines.start();
    Logger logger = context.getLogger("test");
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
    return logger;
  }

  @Test
  void everyLineIsWrittenInOrderBeforeTheEnd() {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    Logger logger = logger(target);
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < ROOM; i++) {
      logger.info("line {}", i);
      expected.append("INFO line ").append(i).append('\n');
    }
    context.stop();
    assertEquals(expected.toString(), target.toString(StandardCharsets.UTF_8));
  }

  @Test
  void whatALibraryLogsOfAPeerMovesNothingOnATerminal() { // P2
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    logger(target).info("said {}", "a\u009b2J\u202e\u2028\u001b[2Jü");
    context.stop();
    assertEquals(
        "INFO said a\\u009b2J\\u202e\\u2028\\u001b[2Jü\n", target.toString(StandardCharsets.UTF_8));
  }

  @Test
  void linesThatAReaderDoesNotTakeAreLostCountedAndTold() throws Exception {
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch readAgain = new CountDownLatch(1);
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    Logger logger =
        logger(
            new OutputStream() {
              @Override
              public void write(int octet) {
                throw new UnsupportedOperationException();
              }

              @Override
              public void write(byte[] octets, int from, int length) {
                writing.countDown();
                try {
                  readAgain.await();
                } catch (InterruptedException end) {
                  Thread.currentThread().interrupt();
                }
                target.write(octets, from, length);
              }
            });
    long before = LineAppender.lost();
    logger.info("first");
    writing.await();
    for (int i = 0; i < ROOM + 36; i++) {
      logger.info("line {}", i);
    }
    assertEquals(36, LineAppender.lost() - before);
    readAgain.countDown();
    context.stop();
    String written = target.toString(StandardCharsets.UTF_8);
    assertEquals(ROOM + 2, written.lines().count(), written);
    assertTrue(
        written.contains("WARN 36 lines of the log were lost here: its reader was too slow\n"),
        written);
  }

  /** A disk that is full, and has room again. */
  private static final class FullDisk extends OutputStream {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final Semaphore refused = new Semaphore(0);
    private volatile boolean full = true;

    @Override
    public void write(int octet) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(byte[] octets, int from, int length) throws IOException {
      if (full) {
        written.write(octets, from, 3);
        refused.release();
        throw new IOException("No space left on device");
      }
      written.write(octets, from, length);
    }
  }

  // B2.22
  @Test
  void linesThatFindNoRoomAreLostCountedAndToldAndTheLogGoesOn() throws Exception {
    FullDisk disk = new FullDisk();
    Logger logger = logger(disk);
    long before = LineAppender.lost();
    for (int i = 0; i < 3; i++) {
      logger.warn("line {}", i);
      disk.refused.acquire();
    }
    disk.full = false;
    logger.info("there is room");
    logger.info("and more");
    context.stop();
    assertEquals(3, LineAppender.lost() - before);
    String[] lines = disk.written.toString(StandardCharsets.UTF_8).split("\n");
    List<String> last = Arrays.asList(lines).subList(lines.length - 3, lines.length);
    assertEquals(
        List.of(
            "WARN 3 lines of the log were lost here: it could not be written (No space left on"
                + " device)",
            "INFO there is room",
            "INFO and more"),
        last);
  }
}
