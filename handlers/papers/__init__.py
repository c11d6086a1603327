"""Papers for meetings and exports of the tracker and the register: what they say, and the files they are written to."""
