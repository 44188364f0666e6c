(window.fftData??={})["parts-20261103T063700Z-005f"]=JSON.parse('{"parts":[],"nodes":{}}');
