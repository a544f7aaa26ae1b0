"""The DNS: message codec, bulk UDP client, and the stages that ask."""
