/**
 * For testing applications that use imgferry: a server that answers like Imgur, a server of pictures, a source, a host
 * and a store that do what a test says, and small pictures of every type.
 * @module @imgferry/core/testing
 */
export { aJobSummary } from './a-job-summary.ts';
export { aLease } from './a-lease.ts';
export { anUpload } from './an-upload.ts';
export {
  createFakeHost,
  type FakeHost,
  type FakeHostAnswer,
  type FakeHostOptions,
  type FakeHostUpload,
} from './fake-host.ts';
export {
  createFakeSource,
  type DescribedImage,
  type FakeImage,
  type FakePicture,
  type FakeSource,
} from './fake-source.ts';
export type { Hold, HoldOptions } from './hold.ts';
export type { ImgurImageBody } from './imgur-stand-in/image-body.ts';
export { imgurReplies } from './imgur-stand-in/imgur-replies.ts';
export type { AnsweredRequest, ImgurAnswer, ImgurReply, ReplyManner } from './imgur-stand-in/imgur-reply.ts';
export { type ImgurStandIn, startImgurStandIn } from './imgur-stand-in/imgur-stand-in.ts';
export type { ReceivedImage } from './imgur-stand-in/received-image.ts';
export type { ImgurLimits } from './imgur-stand-in/stand-in-limits.ts';
export type { ImgurStandInOptions } from './imgur-stand-in/stand-in-options.ts';
export type { OrderOptions } from './imgur-stand-in/stand-in-orders.ts';
export type { StandInRequests } from './imgur-stand-in/stand-in-traffic.ts';
export type { ListenOptions } from './loopback-server.ts';
export {
  type PictureHandler,
  type PictureRoute,
  type PictureServer,
  type ServedPicture,
  startPictureServer,
} from './picture-server.ts';
export {
  type SampleOptions,
  type SampleType,
  sampleImage,
  sampleImages,
} from './sample-images/sample-images.ts';
export { type ScriptedCall, ScriptedStore, type StoreScript } from './scripted-store.ts';
