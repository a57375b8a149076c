"""Events 埋点: what happened in the app, at the robot, in the bank's systems; one stream, each event once."""
