package io.elapid.data.source;

/** How generated pictures of several shapes are annotated. */
public enum SceneForm {
  /** Boxes and masks of single shapes, and of groups too dense to be told apart. */
  COCO,
  /** A class for every pixel: its shape, the ground, or nothing that is to be learnt. */
  ADE20K
}
