package org.openmmp.lmtp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.openmmp.lmtp.protocol.BdatCommand;
import org.openmmp.lmtp.protocol.DotStuffer;
import org.openmmp.lmtp.protocol.OctetSink;

/**
 * How a message stands on the wire, for one message to one store: behind DATA, or in chunks (RFC
 * 3030). A spool in the form that is sent passes as it is; of any other the octets are copied.
 */
final class BodyFraming {
  private static final int USUAL_DOTS = 64;

  private final boolean chunks;

  /** Whether what is spooled has its dots stuffed, as behind DATA. */
  private final boolean stuffed;

  private final ByteBufAllocator buffers;
  private final DotStuffer stuffer = new DotStuffer();

  BodyFraming(boolean chunks, boolean stuffed, ByteBufAllocator buffers) {
    this.chunks = chunks;
    this.stuffed = stuffed;
    this.buffers = buffers;
  }

  /** Whether it is sent in chunks: the store owes a reply to each, and the last one says so. */
  boolean inChunks() {
    return chunks;
  }

  /** Makes of a piece what is sent of it, which may be nothing. */
  void piece(List<ByteBuf> octets) {
    if (chunks == stuffed) {
      convert(octets);
    }
    if (chunks && count(octets) > 0) {
      octets.add(0, command(octets, false));
    }
  }

  /** Makes of the last piece, which is empty where that ends nothing, the end of the message. */
  void end(List<ByteBuf> last) {
    if (chunks) {
      if (stuffed) {
        convert(last);
      }
      last.add(0, command(last, true));
    } else if (stuffed) {
      // As it came in, it ends in CR LF or is empty.
      last.add(text(".\r\n"));
    } else {
      ByteBuf end = buffers.buffer();
      stuffer.end(into(end));
      last.add(end);
    }
  }

  /** How many octets. */
  static int count(List<ByteBuf> octets) {
    int count = 0;
    for (ByteBuf each : octets) {
      count += each.readableBytes();
    }
    return count;
  }

  private void convert(List<ByteBuf> octets) {
    if (octets.isEmpty()) {
      return;
    }
    ByteBuf converted = buffers.buffer(count(octets) + USUAL_DOTS);
    OctetSink sink = into(converted);
    for (ByteBuf each : octets) {
      ByteBuffer some = each.nioBuffer();
      if (stuffed) {
        stuffer.unstuff(some, 0, some.limit(), sink);
      } else {
        stuffer.stuff(some, 0, some.limit(), sink);
      }
      each.release();
    }
    octets.clear();
    octets.add(converted);
  }

  private static OctetSink into(ByteBuf buffer) {
    return (octets, from, to) -> buffer.writeBytes(octets.slice(from, to - from));
  }

  private ByteBuf command(List<ByteBuf> octets, boolean last) {
    return text(new BdatCommand(count(octets), last).line() + "\r\n");
  }

  private ByteBuf text(String line) {
    ByteBuf buffer = buffers.buffer(line.length());
    buffer.writeCharSequence(line, StandardCharsets.US_ASCII);
    return buffer;
  }
}
