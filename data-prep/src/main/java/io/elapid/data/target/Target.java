package io.elapid.data.target;

/** What a sample is annotated with. */
public sealed interface Target permits ClassTarget, ObjectTarget, LabelMapTarget {
  TargetKind kind();
}
