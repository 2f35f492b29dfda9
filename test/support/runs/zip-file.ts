import { crc32 } from 'node:zlib';

const MADE_BY_UNIX = 0x0314;
const VERSION = 20;
/** A plain file that everybody may run. */
const EXECUTABLE = (0o100755 << 16) >>> 0;

/** A zip archive with one program in it, not compressed. */
export function zipProgram(name: string, content: Buffer): Buffer {
  const file = Buffer.from(name);
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(VERSION, 0);
  facts.writeUInt32LE(crc32(content), 10);
  facts.writeUInt32LE(content.length, 14);
  facts.writeUInt32LE(content.length, 18);
  facts.writeUInt16LE(file.length, 22);
  const local = Buffer.concat([signature('PK\x03\x04'), facts, file, content]);
  const attributes = Buffer.alloc(14);
  attributes.writeUInt32LE(EXECUTABLE, 6);
  const madeBy = Buffer.alloc(2);
  madeBy.writeUInt16LE(MADE_BY_UNIX);
  const central = Buffer.concat([signature('PK\x01\x02'), madeBy, facts, attributes, file]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, signature('PK\x05\x06'), end]);
}

function signature(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
