package org.openmmp.shared;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The engine's reply as one row of texts, however it is nested, and no more of it than anybody
 * needs: an engine that announces a thousand million elements gets no memory for them.
 */
final class BoundedReply extends CommandOutput<byte[], byte[], List<byte[]>> {
  static final int MOST_ELEMENTS = 8_192;
  static final int MOST_OCTETS = 8 * 1024 * 1024;

  private static final byte[] NOTHING = {};

  private final List<byte[]> row = new ArrayList<>();
  private int octets;
  private boolean tooLarge;

  BoundedReply() {
    super(ByteArrayCodec.INSTANCE, List.of());
  }

  @Override
  public List<byte[]> get() {
    return row;
  }

  /** Whether there was more than is read. */
  boolean tooLarge() {
    return tooLarge;
  }

  @Override
  public void set(ByteBuffer text) {
    if (text == null) {
      add(NOTHING);
    } else if (row.size() >= MOST_ELEMENTS || octets + text.remaining() > MOST_OCTETS) {
      tooLarge = true;
    } else {
      byte[] copy = new byte[text.remaining()];
      text.get(copy);
      add(copy);
    }
  }

  @Override
  public void setSingle(ByteBuffer text) {
    set(text);
  }

  @Override
  public void set(long number) {
    add(Long.toString(number).getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void multi(int count) {
    // How it is nested says nothing here.
  }

  private void add(byte[] element) {
    if (row.size() >= MOST_ELEMENTS) {
      tooLarge = true;
      return;
    }
    row.add(element);
    octets += element.length;
  }
}
