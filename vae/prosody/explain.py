from vae.prosody import rules
def nearest(d): return rules.schemes(len(d))[0]
