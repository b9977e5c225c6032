package org.openmmp.shared;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * Turns what is shared into octets and back: a form's number, then its fields, compressed. Octets
 * that are none of it, or too many, come to nothing.
 */
final class Packed {
  private static final int MOST_OCTETS = 8 * 1024 * 1024;

  private Packed() {}

  /** Writes the fields. */
  interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  /** Reads the fields. */
  interface Reader<T> {
    T read(DataInputStream in) throws IOException;
  }

  static byte[] of(int form, Writer fields) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(octets, deflater))) {
      out.writeByte(form);
      fields.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      deflater.end();
    }
    return octets.toByteArray();
  }

  /** Reads it; empty if it is of another form, or has too little, too much or senseless values. */
  static <T> Optional<T> read(int form, byte[] octets, Reader<T> fields) {
    Inflater inflater = new Inflater();
    try (InflaterInputStream plain =
            new InflaterInputStream(new ByteArrayInputStream(octets), inflater);
        DataInputStream in =
            new DataInputStream(new ByteArrayInputStream(plain.readNBytes(MOST_OCTETS)))) {
      if (in.readUnsignedByte() != form) {
        return Optional.empty();
      }
      T read = fields.read(in);
      return in.read() < 0 ? Optional.of(read) : Optional.empty();
    } catch (IOException | IllegalArgumentException senseless) {
      return Optional.empty();
    } finally {
      inflater.end();
    }
  }

  /** Writes a text. */
  static void text(DataOutputStream out, String text) throws IOException {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(octets.length);
    out.write(octets);
  }

  /** Reads a text of at most that many octets. */
  static String text(DataInputStream in, int most) throws IOException {
    byte[] octets = new byte[count(in, most)];
    in.readFully(octets);
    return new String(octets, StandardCharsets.UTF_8);
  }

  /** Reads how many there are. */
  static int count(DataInputStream in, int most) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > most) {
      throw new IOException("too many");
    }
    return count;
  }
}
