package org.openmmp.storesim.imap;

import java.nio.charset.StandardCharsets;

/** Messages to fetch. */
final class Messages {
  /** A text message with an encoded subject and two recipients. */
  static final String TEXT =
      """
      Return-Path: <carol@example.org>
      Date: Mon, 2 Nov 2026 09:30:00 +0100
      From: "Carol \\"C.\\" Ling" <carol@example.org>
      To: Alice <alice@example.com>, bob@example.com
      Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from
       the sea
      Message-ID: <1@example.org>
      MIME-Version: 1.0
      Content-Type: text/plain; charset=utf-8
      Content-Transfer-Encoding: 8bit

      First line
      second line
      """
          .replace("\n", "\r\n");

  /** A text with an attached message, which is multipart itself. */
  static final String NESTED =
      """
      Date: Tue, 3 Nov 2026 10:00:00 +0000
      From: bob@example.com
      To: alice@example.com
      Subject: forwarded
      MIME-Version: 1.0
      Content-Type: multipart/mixed; boundary=outer

      preamble
      --outer
      Content-Type: text/plain

      see below
      --outer
      Content-Type: message/rfc822
      Content-Disposition: attachment; filename=inner.eml

      From: dave@example.com
      Subject: inner
      MIME-Version: 1.0
      Content-Type: multipart/alternative; boundary=inner

      --inner
      Content-Type: text/plain

      plain words
      --inner
      Content-Type: text/html; charset=utf-8
      Content-Transfer-Encoding: quoted-printable

      <p>=C3=BC</p>
      --inner--
      --outer--
      """
          .replace("\n", "\r\n");

  private Messages() {}

  static byte[] octets(String message) {
    return message.getBytes(StandardCharsets.UTF_8);
  }
}
