"""What judgements of several areas use: answers, states, times, histories and the requirement decorator."""
