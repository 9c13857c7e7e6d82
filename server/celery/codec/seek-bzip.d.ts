declare module 'seek-bzip' {
  type OutputStream = {
    writeByte(byte: number): void;
    write(buffer: Uint8Array, offset: number, length: number): number;
    flush(): void;
  };
  const Bunzip: {
    decode(input: Uint8Array, output: OutputStream, multistream?: boolean): unknown;
  };
  export default Bunzip;
}
